/** What the CRM routes need of the rest, one interface for each area. Methods reject as `CallRecords` does. */
import type { OwnerScope, Viewer } from '#domain/user.ts';

export type Identity = { viewer: Viewer; isActive: boolean; scope: OwnerScope };

/** Who somebody is at this moment. */
export interface Identities {
  /** Null when there is no such user (any more). */
  find(userId: number): Promise<Identity | null>;
}

/** What `crmRoutes` passes on to each area. */
export type CrmPorts = {
  identities: Identities;
};
