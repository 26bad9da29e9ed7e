-- As in SQLite: with four bytes the places of the status list would end after two thousand million sign-ons. The models still say Int,
-- for Prisma makes no key that counts up of a BigInt in SQLite. What reads these columns does not go by it.
ALTER TABLE "Grant" ALTER COLUMN "n" SET DATA TYPE BIGINT;
ALTER SEQUENCE "Grant_n_seq" AS BIGINT;
ALTER TABLE "AuditEvent" ALTER COLUMN "n" SET DATA TYPE BIGINT;
ALTER SEQUENCE "AuditEvent_n_seq" AS BIGINT;
