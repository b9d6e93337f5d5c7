/** What happens to the caller's voice on its way, in words: as it is built in `src/media`. */

const STAGES = [
  ['RTP', 'Packets are put in order; late and repeated ones are dropped, short gaps are concealed.'],
  ['Decoding', 'G.711 (mu-law or A-law) becomes 16 bit PCM at 8 kHz.'],
  [
    'Speech detection',
    'Energy in short windows tells when the caller begins and stops, so that the agent can be interrupted.',
  ],
  ['Resampling', '8 kHz becomes the 16 kHz that the model takes.'],
  ['Sending', 'Frames are gathered to chunks and sent to the model at once.'],
] as const;

export const audioFeatures = {
  enabled: true,
  features: STAGES.map(([name]) => name),
  purpose: 'The voice reaches the model as it is: nothing is filtered, gated or levelled.',
  latency_optimizations: ['Audio stays in the media worker from the packet to the model.'],
};

export const audioPipeline = {
  status: 'success' as const,
  preprocessing_enabled: true,
  pipeline_type: 'telephone to model',
  sample_rate: 8_000,
  estimated_latency_ms: '20-60',
  processing_pipeline: STAGES.map(([name, description], index) => ({
    stage: index + 1,
    name,
    description,
  })),
  telephony_standards: {
    codec: 'ITU-T G.711',
    transport: 'RFC 3550',
    keys: 'RFC 4733',
  },
  benefits: ['The agent can be interrupted.', 'Lost packets are not heard as clicks.'],
  note: audioFeatures.purpose,
};
