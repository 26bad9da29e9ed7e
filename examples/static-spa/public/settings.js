// Where everything is. The policy in index.html names the same three addresses: a page can talk to no other.
export const issuer = 'http://auth.localhost:4000'
export const clientId = 'catkin'
export const alder = 'http://site-a.localhost:4001'
export const birch = 'http://site-b.localhost:4002'
