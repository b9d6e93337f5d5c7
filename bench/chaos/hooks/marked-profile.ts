/** The agent's profile, with the mark of the call at the end of each system instruction. */
import { createAgentProfile as createRealProfile } from '#app/agent-profile.ts';
import { markOf } from '../watermark.ts';

export const createAgentProfile: typeof createRealProfile = (config, prompts, clips) => {
  const profile = createRealProfile(config, prompts, clips);
  return {
    ...profile,
    settingsFor: async (callId, handle) => {
      const settings = await profile.settingsFor(callId, handle);
      return { ...settings, systemInstruction: `${settings.systemInstruction}\n\n${markOf(callId)}` };
    },
  };
};
