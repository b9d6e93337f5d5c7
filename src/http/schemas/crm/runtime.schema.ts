/** Schemas of what runs: health, configuration, live calls, latency. */
import { Type } from 'typebox';
import { nullable, Timestamp } from '#http/schemas/common.schema.ts';

const text = nullable(Type.String());
const Success = Type.Unsafe<'success'>({ ...Type.String(), enum: ['success'] });
const Texts = Type.Array(Type.String());

export const CrmHealth = Type.Object(
  {
    status: Type.Unsafe<'healthy' | 'degraded'>({ ...Type.String(), enum: ['healthy', 'degraded'] }),
    active_sessions: Type.Optional(Type.Integer({ description: 'Live calls that the caller may see.' })),
    phone_number: Type.Optional(text),
    local_ip: Type.Optional(text),
    gate_voip: Type.Optional(text),
    transcription_available: Type.Optional(Type.Boolean()),
    transcription_method: Type.Optional(text),
    transcription_model: Type.Optional(text),
    greeting_generator_available: Type.Optional(Type.Boolean()),
    greeting_generator_method: Type.Optional(text),
    audio_preprocessing: Type.Optional(
      Type.Object({
        enabled: Type.Boolean(),
        features: Texts,
        purpose: Type.String(),
        latency_optimizations: Texts,
      }),
    ),
    timestamp: Timestamp,
  },
  { title: 'CrmHealth', description: 'Without a log-in `status` and `timestamp` alone.' },
);

export const ConfigAnswer = Type.Object({
  status: Success,
  config: Type.Object({
    phone_number: text,
    local_ip: text,
    gate_voip_ip: text,
    sip_port: nullable(Type.Integer()),
    voice_agent: Type.String(),
  }),
});

const LiveStatus = Type.Unsafe<'waiting_for_ack' | 'connecting' | 'active'>({
  ...Type.String(),
  enum: ['waiting_for_ack', 'connecting', 'active'],
});

export const LiveSessionsAnswer = Type.Object({
  status: Success,
  active_sessions: Type.Integer(),
  sessions: Type.Array(
    Type.Object({
      session_id: Type.String(),
      caller_id: text,
      called_number: text,
      start_time: Timestamp,
      status: LiveStatus,
      duration_seconds: Type.Number(),
    }),
  ),
});

const Stage = Type.Object({
  min: Type.Number(),
  max: Type.Number(),
  avg: Type.Number(),
  p50: Type.Number(),
  p95: Type.Number(),
  count: Type.Integer(),
});

const latencyFields = {
  session_id: Type.String(),
  duration_sec: Type.Number(),
  packets_tracked: Type.Integer(),
  responses_tracked: Type.Integer(),
  stages: Type.Object({ user_eot_to_ai_audio: Stage }, { description: 'Milliseconds; only what is measured.' }),
  network_estimates_ms: Type.Object({
    sim_gate_to_agent: nullable(Type.Number()),
    agent_to_gemini: nullable(Type.Number()),
  }),
};

export const LatencyListAnswer = Type.Object({
  status: Success,
  active_sessions: Type.Integer(),
  sessions: Type.Array(
    Type.Object({
      session_id: Type.String(),
      caller_id: text,
      duration_sec: Type.Number(),
      latency: nullable(Type.Object(latencyFields)),
    }),
  ),
  message: Type.Optional(Type.String()),
});

export const LatencyAnswer = Type.Object({
  status: Success,
  session_id: Type.String(),
  caller_id: text,
  latency: Type.Object({
    ...latencyFields,
    bottleneck: Type.Object({
      stage: text,
      avg_latency_ms: Type.Number(),
      recommendation: text,
    }),
  }),
});

export const TranscriptionStatusAnswer = Type.Object({
  status: Success,
  transcription_available: Type.Boolean(),
  transcription_method: text,
  service_status: Type.Unsafe<'enabled' | 'disabled'>({ ...Type.String(), enum: ['enabled', 'disabled'] }),
  model_info: nullable(Type.Object({ model_size: text, model_loaded: Type.Boolean() })),
  supported_languages: Texts,
  reason: Type.String(),
});

export const PreprocessingAnswer = Type.Object({
  status: Success,
  preprocessing_enabled: Type.Boolean(),
  pipeline_type: Type.String(),
  sample_rate: Type.Integer(),
  estimated_latency_ms: Type.String(),
  processing_pipeline: Type.Array(
    Type.Object({ stage: Type.Integer(), name: Type.String(), description: Type.String() }),
  ),
  telephony_standards: Type.Record(Type.String(), Type.String()),
  benefits: Texts,
  note: Type.String(),
});
