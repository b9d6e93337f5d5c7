/** Agent profiles as they are kept: each change makes a version. Pure. */
import type { AgentProfile } from './prompt.ts';

export type ProfileContent = AgentProfile & { name: string; isDefault: boolean };

export type KeptProfile = ProfileContent & {
  id: number;
  /** Null: shared by all. */
  ownerId: number | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
};

export type ProfileVersion = { version: number; content: ProfileContent; changedById: number | null; createdAt: Date };

export const PROFILE_LENGTHS = { name: 100, instruction: 20_000, greeting: 5_000 } as const;
