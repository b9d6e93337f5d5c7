import { randomUUID } from 'node:crypto';

/** Id of a transaction or frame in the control protocol. */
export const newId = (): string => randomUUID();

/** Tag of a From or To header; 52 random bits (RFC 3261 19.3 asks for 32). */
export const newTag = (): string => {
  const hex = randomUUID();
  return hex.slice(0, 8) + hex.slice(24, 29);
};

/** Branch of a Via header with the magic cookie of RFC 3261 8.1.1.7. */
export const newBranch = (): string => `z9hG4bK${randomUUID().replaceAll('-', '')}`;
