# Three images from one file: `auth`, `site` (the argument SITE says which folder of apps/) and `gateway`. docker-compose.yml builds them.
# No secret is needed to build, and none comes in: .dockerignore keeps them out, and what runs reads them from files.

# First, for a builder that makes every stage above the wanted one (docker build without BuildKit): this one needs none of them.
FROM caddy:2.11.4-alpine AS gateway
# Its certificates are in these two; the official image gives them to root.
RUN mkdir -p /data/caddy /config/caddy && chown -R 1000:1000 /data /config
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 1000:1000


FROM node:24.21.0-bookworm-slim AS node
WORKDIR /grove

# The manifests alone: while none of them changes, what is installed stays as it is.
FROM node AS manifests
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages packages
COPY apps apps
RUN find apps packages ! -type d ! -name package.json -delete && find apps packages -type d -empty -delete

# What both kinds of server have.
FROM node AS server
# Node cannot end while a name is looked up, and a server whose neighbour has gone asks for one: where nobody answers, ten seconds by default.
ENV NODE_ENV=production RES_OPTIONS="timeout:1 attempts:2"
COPY deploy/answers.mjs ./

# With pnpm, in the version that package.json names.
FROM node AS workspace
COPY --from=manifests /grove ./
RUN npm install --global "$(node -p 'require("./package.json").packageManager')"


FROM workspace AS auth-dependencies
RUN pnpm install --frozen-lockfile --prod --filter @grove/auth \
  # Prisma brings a compiler for each database that it knows; two are in use.
  && rm -f apps/auth/node_modules/@prisma/client/runtime/*.cockroachdb.* \
    apps/auth/node_modules/@prisma/client/runtime/*.mysql.* \
    apps/auth/node_modules/@prisma/client/runtime/*.sqlserver.*

FROM workspace AS auth-build
RUN pnpm install --frozen-lockfile --filter @grove/auth...
COPY tsconfig.base.json ./
COPY packages packages
COPY apps/auth apps/auth
RUN cd apps/auth && pnpm --config.verify-deps-before-run=false generate && node tools/build.mjs

FROM server AS auth
COPY --from=auth-dependencies /grove/node_modules node_modules
COPY --from=auth-dependencies /grove/apps/auth apps/auth
COPY --from=auth-build /grove/apps/auth/dist apps/auth/dist
COPY --from=auth-build /grove/apps/auth/prisma apps/auth/prisma
WORKDIR /grove/apps/auth
USER node
# As `start` of its package.json, but without a shell between, which would not pass SIGTERM on.
CMD ["node", "--max-old-space-size=256", "--max-semi-space-size=4", "dist/server/main.js"]


FROM workspace AS site-build
ARG SITE
RUN pnpm install --frozen-lockfile --filter "@grove/${SITE}..."
COPY tsconfig.base.json ./
COPY packages packages
COPY apps/${SITE} apps/${SITE}
# The server and what it imports, without the library for pictures (none is made smaller here); what browsers load lies beside it, where Next
# looks for it.
RUN cd apps/${SITE} && NEXT_TELEMETRY_DISABLED=1 STANDALONE=on node_modules/.bin/next build \
  && rm -rf .next/standalone/node_modules/.pnpm/@img+* .next/standalone/node_modules/.pnpm/sharp@* \
  && cp -r .next/static .next/standalone/apps/${SITE}/.next/static \
  && if [ -d public ]; then cp -r public .next/standalone/apps/${SITE}/public; fi

FROM server AS site
ARG SITE
ENV NEXT_TELEMETRY_DISABLED=1
# For what a site keeps: a volume takes the owner of the folder that it covers.
RUN mkdir /var/lib/site && chown node:node /var/lib/site
COPY deploy/stops.mjs ./
COPY --from=site-build /grove/apps/${SITE}/.next/standalone ./
WORKDIR /grove/apps/${SITE}
USER node
CMD ["node", "--import", "/grove/stops.mjs", "server.js"]
