-- AlterTable
ALTER TABLE "Grant" ADD COLUMN "redeemedAt" DATETIME;
