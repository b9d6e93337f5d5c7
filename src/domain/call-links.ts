/** Whose a call is of which only its numbers are known. Pure. */
import type { CallLinks } from './call.ts';

/** A lead with one of the call's numbers. */
export type LeadMatch = {
  leadId: number;
  ownerId: number;
  /** The organisation: the owner itself, or its admin when it is an agent. */
  tenantId: number;
};

const isWithin = (ownerId: number, match: LeadMatch) => match.ownerId === ownerId || match.tenantId === ownerId;

/** The owner's own lead, else one of its agents'. */
const leadOf = (ownerId: number, matches: readonly LeadMatch[]): LeadMatch | undefined =>
  matches.find((match) => match.ownerId === ownerId) ?? matches.find((match) => isWithin(ownerId, match));

/**
 * `matches` in the order of preference: the most recently updated first. `knownOwner` is who the trunk or number
 * belongs to; without one it is the owner of the lead, if only one tenant knows the number; else `defaultOwner`.
 */
export const linksOf = (
  matches: readonly LeadMatch[],
  { knownOwner, defaultOwner }: { knownOwner: number | null; defaultOwner: number | null },
): Pick<CallLinks, 'ownerId' | 'leadId'> => {
  if (knownOwner === null && matches.length > 0) {
    const [first, ...others] = matches;
    const isOneTenant = others.every(({ tenantId }) => tenantId === first?.tenantId);
    if (first && isOneTenant) return { ownerId: first.ownerId, leadId: first.leadId };
  }
  const ownerId = knownOwner ?? defaultOwner;
  if (ownerId === null) return { ownerId, leadId: null };
  return { ownerId, leadId: leadOf(ownerId, matches)?.leadId ?? null };
};
