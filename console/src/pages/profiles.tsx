/** Agent profiles: who the agent is, and the prompt that comes of it, word for word. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { AgentProfile, Prompt } from '../../../client/operations.ts';
import { request } from '../api/client.ts';
import { PromptView } from '../ui/prompt-view.tsx';
import { textOf } from '../ui/form.ts';
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
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = bodyOf(new FormData(event.currentTarget));
    const [path, method] = profile ? [`${PATH}/${profile.id}`, 'PATCH'] : [PATH, 'POST'];
    action.run(() => request(path, { method, body }), `“${body.name}” was kept.`);
  };
  return (
    <form onSubmit={submit} className="narrow">
      <label>
        Name
        <input name="name" required defaultValue={profile?.name} />
      </label>
      <label>
        Instruction
        <textarea name="instruction" required rows={7} defaultValue={profile?.instruction} />
      </label>
      <label>
        Greeting of incoming calls
        <textarea name="greeting" rows={2} defaultValue={profile?.greeting} />
      </label>
      <label>
        Language
        <input name="language" placeholder="bg-BG" defaultValue={profile?.language ?? ''} />
      </label>
      <label>
        Voice
        <select name="voice" defaultValue={profile?.voice ?? ''}>
          <option value="">the usual one</option>
          {VOICES.map((voice) => (
            <option key={voice}>{voice}</option>
          ))}
        </select>
      </label>
      <label>
        The greeting is
        <select name="greetingMode" defaultValue={profile?.greetingMode ?? ''}>
          <option value="">as the settings say</option>
          <option value="live">spoken live</option>
          <option value="clip">played from a clip</option>
        </select>
      </label>
      <label>
        <input name="isDefault" type="checkbox" defaultChecked={profile?.isDefault} /> For calls that name no profile
      </label>
      <button type="submit" disabled={action.isBusy}>
        Keep
      </button>
    </form>
  );
};

const Preview = ({ profiles }: { profiles: readonly AgentProfile[] }): ReactElement => {
  const action = useAction(KEY);
  const [prompt, setPrompt] = useState<Prompt | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [profile, phoneNumber] = [textOf(form, 'profile'), textOf(form, 'phoneNumber')];
    const body = {
      direction: textOf(form, 'direction'),
      ...(profile === '' ? {} : { profileId: Number(profile) }),
      ...(phoneNumber === '' ? {} : { phoneNumber }),
    };
    action.run(
      async () => setPrompt(await request<Prompt>('/api/v1/prompt-previews', { method: 'POST', body })),
      'This is what a call like that would use now.',
    );
  };
  return (
    <section aria-labelledby="preview">
      <h2 id="preview">Prompt preview</h2>
      <form onSubmit={submit} className="narrow">
        <label>
          Profile
          <select name="profile">
            <option value="">the one such a call gets</option>
            {profiles.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Direction
          <select name="direction">
            <option>outbound</option>
            <option>inbound</option>
          </select>
        </label>
        <label>
          With the number
          <input name="phoneNumber" type="tel" placeholder="+359888123456" />
        </label>
        <button type="submit" disabled={action.isBusy}>
          Show the prompt
        </button>
      </form>
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
