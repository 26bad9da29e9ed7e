-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "email" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "claims" JSONB NOT NULL,
    "disabledAt" DATETIME
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "secretHash" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "authenticatedAt" DATETIME NOT NULL,
    "loginClientId" TEXT,
    "expiresAt" DATETIME NOT NULL,
    "endedAt" DATETIME,
    CONSTRAINT "Session_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Grant" (
    "n" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "resources" JSONB NOT NULL,
    "authenticatedAt" DATETIME NOT NULL,
    "loginClientId" TEXT,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "rotatedAt" DATETIME,
    "expiresAt" DATETIME NOT NULL,
    "revokedAt" DATETIME,
    CONSTRAINT "Grant_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "algorithm" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "since" DATETIME NOT NULL,
    "sealedPrivateKey" TEXT NOT NULL,
    "publicJwk" JSONB NOT NULL,
    "slot" TEXT
);

-- CreateTable
CREATE TABLE "LogoutDelivery" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "sessionId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "createdAt" DATETIME NOT NULL,
    "dueAt" DATETIME,
    "deliveredAt" DATETIME,
    "reason" TEXT
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "n" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" DATETIME NOT NULL,
    "type" TEXT NOT NULL,
    "accountId" TEXT,
    "sessionId" TEXT,
    "clientId" TEXT,
    "grantId" TEXT,
    "keyId" TEXT,
    "reason" TEXT
);

-- CreateTable
CREATE TABLE "UsedToken" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "expiresAt" DATETIME NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "Account_email_key" ON "Account"("email");

-- CreateIndex
CREATE INDEX "Session_expiresAt_idx" ON "Session"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "Grant_id_key" ON "Grant"("id");

-- CreateIndex
CREATE INDEX "Grant_sessionId_idx" ON "Grant"("sessionId");

-- CreateIndex
CREATE UNIQUE INDEX "SigningKey_slot_key" ON "SigningKey"("slot");

-- CreateIndex
CREATE INDEX "LogoutDelivery_createdAt_idx" ON "LogoutDelivery"("createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "LogoutDelivery_sessionId_clientId_key" ON "LogoutDelivery"("sessionId", "clientId");

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

-- CreateIndex
CREATE INDEX "UsedToken_expiresAt_idx" ON "UsedToken"("expiresAt");

-- By hand: partial, so that a grant that is alive and a logout that is delivered cost nothing, and so that no question for null
-- can take them for a short way.
CREATE INDEX "Grant_revokedAt_idx" ON "Grant"("revokedAt") WHERE "revokedAt" IS NOT NULL;
CREATE INDEX "LogoutDelivery_dueAt_idx" ON "LogoutDelivery"("dueAt") WHERE "dueAt" IS NOT NULL;
