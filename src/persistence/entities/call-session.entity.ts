/** `call_sessions`: the row that the CRM reads, one for each call. */
import { defineEntity, p } from '@mikro-orm/core';
import type { CallDirection, CallStatus, HangupCause, RecordedOutcome } from '#domain/call.ts';
import { CALLEE_KINDS, type CalleeKind } from '#domain/callee.ts';
import { Campaign } from './campaign.entity.ts';
import { CALL_STATUSES, createdAtColumn, idColumn, oneOf } from './columns.ts';
import { Lead } from './lead.entity.ts';
import { User } from './user.entity.ts';

/** Text, because adopted directories of older systems have ids that are no UUIDs; calls of ours always have one. */
const sessionId = () => p.text().check(`session_id ~ '^[A-Za-z0-9_-]{1,128}$'`);

export const CallSession = defineEntity({
  name: 'CallSession',
  tableName: 'call_sessions',
  indexes: [
    { name: 'call_sessions_started_at_index', properties: ['startedAt', 'sessionId'] },
    { name: 'call_sessions_owner_index', properties: ['ownerId', 'startedAt', 'id'] },
    { name: 'call_sessions_campaign_index', properties: ['campaignId', 'startedAt', 'id'] },
    { name: 'call_sessions_lead_index', properties: ['leadId', 'startedAt', 'id'] },
    { name: 'call_sessions_status_index', properties: ['status', 'startedAt', 'id'] },
    { name: 'call_sessions_newest_index', properties: ['startedAt', 'id'] },
  ],
  properties: {
    id: idColumn(),
    sessionId: sessionId().unique('call_sessions_session_id_unique'),
    campaignId: () => p.manyToOne(Campaign).mapToPk().joinColumn('campaign_id').nullable().deleteRule('set null'),
    leadId: () => p.manyToOne(Lead).mapToPk().joinColumn('lead_id').nullable().deleteRule('set null'),
    /** Null: unclaimed. Whoever deletes a user moves or deletes its calls first, so that no other can claim them. */
    ownerId: () => p.manyToOne(User).mapToPk().joinColumn('owner_id').nullable().deleteRule('no action'),
    direction: p
      .text()
      .$type<CallDirection>()
      .check(oneOf('direction', ['inbound', 'outbound'])),
    callerId: p.text().nullable().index('call_sessions_caller_index'),
    calledNumber: p.text().nullable().index('call_sessions_called_index'),
    status: p.text().$type<CallStatus>().check(oneOf('status', CALL_STATUSES)),
    sipCallId: p.text().nullable().index('call_sessions_sip_call_index'),
    startedAt: p.datetime(3),
    answeredAt: p.datetime(3).nullable(),
    endedAt: p.datetime(3).nullable(),
    cause: p.text().$type<HangupCause>().nullable(),
    causeDetail: p.text().nullable(),
    answeredBy: p.text().$type<CalleeKind>().check(oneOf('answered_by', CALLEE_KINDS)).nullable(),
    outcome: p.json().$type<RecordedOutcome>().nullable(),
    recordingPath: p.text().nullable(),
    transcriptStatus: p.text().nullable(),
    transcriptLanguage: p.text().nullable(),
    sentimentScore: p.double().nullable(),
    interestLevel: p.integer().nullable(),
    keyPoints: p.json().nullable(),
    followUpRequired: p.boolean().default(false),
    followUpNotes: p.text().nullable(),
    transcripts: p.json().nullable(),
    analysis: p.json().nullable(),
    audioFiles: p.json().nullable(),
    sessionInfo: p.json().nullable(),
    asteriskLinkedid: p.text().nullable(),
    callMetadata: p.json().nullable(),
    createdAt: createdAtColumn(),
    updatedAt: createdAtColumn(),
  },
});
