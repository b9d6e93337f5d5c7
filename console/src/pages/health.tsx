/** Whether the parts work, what the system does now, and how it is set up. */
import type { ReactElement } from 'react';
import type { AuditEntry, CrmHealth, Health } from '../../../client/operations.ts';
import { duration, time, words } from '../ui/format.ts';
import { Listing, useAnswer } from '../ui/listing.tsx';

const REFRESH_MS = 3_000;

const yesNo = (value: boolean | undefined): string => (value === undefined ? '–' : value ? 'yes' : 'no');

const SetUp = ({ facts }: { facts: CrmHealth }): ReactElement => (
  <section aria-labelledby="set-up">
    <h2 id="set-up">Set-up</h2>
    <dl className="facts">
      <dt>Phone number</dt>
      <dd>{facts.phone_number ?? '–'}</dd>
      <dt>Address of this machine</dt>
      <dd>{facts.local_ip ?? '–'}</dd>
      <dt>Gateway</dt>
      <dd>{facts.gate_voip ?? '–'}</dd>
      <dt>Transcription</dt>
      <dd>
        {yesNo(facts.transcription_available)}
        <small>{[facts.transcription_method, facts.transcription_model].filter(Boolean).join(', ')}</small>
      </dd>
      <dt>Greetings made beforehand</dt>
      <dd>{yesNo(facts.greeting_generator_available)}</dd>
    </dl>
    <p className="dim">
      Settings come from the environment; <code>npm run config</code> on the server shows them all.
    </p>
  </section>
);

const HealthPage = (): ReactElement => {
  const health = useAnswer<Health>('health', '/api/v1/health', REFRESH_MS);
  const facts = useAnswer<CrmHealth>('facts', '/health');
  const audit = useAnswer<{ entries: AuditEntry[] }>('audit', '/api/v1/audit?limit=30');
  return (
    <>
      <div className="heading">
        <h1>Health</h1>
        {health.data && (
          <p className="dim">
            version {health.data.version}, up for {duration(health.data.uptimeSeconds)}, {health.data.liveCalls} live{' '}
            {health.data.liveCalls === 1 ? 'call' : 'calls'}, {health.data.ready ? 'takes calls' : 'takes no calls'}
          </p>
        )}
      </div>
      <Listing
        query={health}
        label="Parts"
        empty="No part is known."
        rows={Object.entries(health.data?.parts ?? {})}
        keyOf={([name]) => name}
        columns={[
          { name: 'Part', show: ([name]) => words(name) },
          {
            name: 'State',
            show: ([, { status }]) => (
              <span className={`chip ${status === 'ok' ? 'state-talking' : 'status-failed'}`}>{status}</span>
            ),
          },
          { name: 'Detail', show: ([, { detail }]) => detail ?? '–' },
        ]}
      />
      {facts.data && <SetUp facts={facts.data} />}
      <section aria-labelledby="audit">
        <h2 id="audit">What was done lately</h2>
        <Listing
          query={audit}
          label="Audit log"
          empty="Nothing yet."
          rows={audit.data?.entries ?? []}
          keyOf={({ id }) => id}
          columns={[
            { name: 'When', show: ({ at }) => time(at) },
            { name: 'Who', show: ({ actorName }) => actorName },
            { name: 'What', show: ({ action }) => action },
            { name: 'To', show: ({ targetType, targetId }) => [targetType, targetId].filter(Boolean).join(' ') || '–' },
          ]}
        />
      </section>
    </>
  );
};

export default HealthPage;
