/** Agent profiles: who the agent is, and the prompt that comes of it, word for word. */
import { useState, type ReactElement } from 'react';
import type { AgentProfile, Prompt } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { PromptView } from '../ui/prompt-view.tsx';
import { Check, Choice, EntryForm, Field, filledIn, textOf } from '../ui/form.tsx';
import { time } from '../ui/format.ts';
import { Listing, SaidNotice, useAnswer } from '../ui/listing.tsx';
import { useAction, type Action } from '../ui/use-action.ts';

const KEY = 'profiles';
const PATH = '/api/v1/agent-profiles';
const VOICES = ['Puck', 'Charon', 'Kore', 'Fenrir', 'Aoede'];

const bodyOf = (form: FormData) => ({
  name: textOf(form, 'name'),
  instruction: textOf(form, 'instruction'),
  greeting: textOf(form, 'greeting'),
  language: textOf(form, 'language') || null,
  voice: textOf(form, 'voice') || null,
  greetingMode: textOf(form, 'greetingMode') || null,
  isDefault: form.has('isDefault'),
});

/** `profile` null: a new one. */
const ProfileForm = ({ profile, action }: { profile: AgentProfile | null; action: Action }): ReactElement => {
  const [path, method] = profile ? [`${PATH}/${profile.id}`, 'PATCH'] : [PATH, 'POST'];
  return (
    <EntryForm
      button="Keep"
      action={action}
      isKept={profile !== null}
      order={(form) => ({
        act: () => request(path, { method, body: bodyOf(form) }),
        done: `“${textOf(form, 'name')}” was kept.`,
      })}
    >
      <Field label="Name" name="name" required defaultValue={profile?.name} />
      <label>
        Instruction
        <textarea name="instruction" required rows={7} defaultValue={profile?.instruction} />
      </label>
      <label>
        Greeting of incoming calls
        <textarea name="greeting" rows={2} defaultValue={profile?.greeting} />
      </label>
      <Field label="Language" name="language" placeholder="bg-BG" defaultValue={profile?.language ?? ''} />
      <Choice label="Voice" name="voice" defaultValue={profile?.voice ?? ''}>
        <option value="">the usual one</option>
        {VOICES.map((voice) => (
          <option key={voice}>{voice}</option>
        ))}
      </Choice>
      <Choice label="The greeting is" name="greetingMode" defaultValue={profile?.greetingMode ?? ''}>
        <option value="">as the settings say</option>
        <option value="live">spoken live</option>
        <option value="clip">played from a clip</option>
      </Choice>
      <Check label="For calls that name no profile" name="isDefault" defaultChecked={profile?.isDefault} />
    </EntryForm>
  );
};

const previewOf = (form: FormData) => {
  const { profile, ...rest } = filledIn(form, ['profile', 'direction', 'phoneNumber']);
  return { ...rest, ...(profile === undefined ? {} : { profileId: Number(profile) }) };
};

const Preview = ({ profiles }: { profiles: readonly AgentProfile[] }): ReactElement => {
  const action = useAction(KEY);
  const [prompt, setPrompt] = useState<Prompt | null>(null);
  return (
    <section aria-labelledby="preview">
      <h2 id="preview">Prompt preview</h2>
      <EntryForm
        button="Show the prompt"
        action={action}
        isKept
        order={(form) => ({
          act: async () =>
            setPrompt(await request<Prompt>('/api/v1/prompt-previews', { method: 'POST', body: previewOf(form) })),
          done: 'This is what a call like that would use now.',
        })}
      >
        <Choice label="Profile" name="profile">
          <option value="">the one such a call gets</option>
          {profiles.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Choice>
        <Choice label="Direction" name="direction">
          <option>outbound</option>
          <option>inbound</option>
        </Choice>
        <Field label="With the number" name="phoneNumber" type="tel" placeholder="+359888123456" />
      </EntryForm>
      <SaidNotice said={action.said} />
      {prompt && <PromptView prompt={prompt} />}
    </section>
  );
};

const ProfilesPage = (): ReactElement => {
  const query = useAnswer<{ profiles: AgentProfile[] }>(KEY, PATH);
  const action = useAction(KEY);
  const [openId, setOpenId] = useState<number | 'new' | null>(null);
  const profiles = query.data?.profiles ?? [];
  const open = profiles.find(({ id }) => id === openId) ?? null;
  return (
    <>
      <div className="heading">
        <h1>Agent profiles</h1>
        <button type="button" aria-expanded={openId === 'new'} onClick={() => setOpenId('new')}>
          New profile
        </button>
      </div>
      <SaidNotice said={action.said} />
      <Listing
        query={query}
        label="Agent profiles"
        empty="There are none: calls use the settings AGENT_INSTRUCTION and AGENT_GREETING."
        rows={profiles}
        keyOf={({ id }) => id}
        columns={[
          {
            name: 'Name',
            show: ({ id, name, ownerId }) => (
              <>
                <button type="button" className="quiet" aria-expanded={id === openId} onClick={() => setOpenId(id)}>
                  {name}
                </button>
                <small>{ownerId === null ? 'shared by all' : ''}</small>
              </>
            ),
          },
          { name: 'Default', show: ({ isDefault }) => (isDefault ? 'yes' : '–') },
          { name: 'Language', show: ({ language }) => language ?? '–' },
          { name: 'Voice', show: ({ voice }) => voice ?? '–' },
          { name: 'Version', show: ({ version }) => version, isFigure: true },
          { name: 'Changed', show: ({ updatedAt }) => time(updatedAt) },
        ]}
      />
      {openId !== null && <ProfileForm key={`${openId}-${open?.version ?? 0}`} profile={open} action={action} />}
      <Preview profiles={profiles} />
    </>
  );
};

export default ProfilesPage;
