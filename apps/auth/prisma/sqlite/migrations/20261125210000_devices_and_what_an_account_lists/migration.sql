-- AlterTable
ALTER TABLE "Session" ADD COLUMN "device" TEXT;

-- CreateIndex
CREATE INDEX "Session_accountId_idx" ON "Session"("accountId");

-- CreateIndex
CREATE INDEX "AuditEvent_accountId_idx" ON "AuditEvent"("accountId");
