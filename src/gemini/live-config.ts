/** What we ask of a Live session, in the SDK's words. */
import { Modality, type LiveConnectConfig, type SpeechConfig } from '@google/genai';
import type { LiveSessionSettings } from '#domain/media-protocol.ts';

export const toLiveConfig = (settings: LiveSessionSettings): LiveConnectConfig => ({
  responseModalities: [Modality.AUDIO],
  speechConfig: toSpeechConfig(settings),
  systemInstruction: settings.systemInstruction,
  inputAudioTranscription: {},
  outputAudioTranscription: {},
  contextWindowCompression: { slidingWindow: {} },
  sessionResumption: settings.resumptionHandle === null ? {} : { handle: settings.resumptionHandle },
  ...(settings.tools.length > 0 && {
    tools: [{ functionDeclarations: settings.tools.map((tool) => ({ ...tool })) }],
  }),
});

const toSpeechConfig = ({ voice, languageCode }: LiveSessionSettings): SpeechConfig => ({
  ...(voice !== null && { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } }),
  ...(languageCode !== null && { languageCode }),
});
