/** What the API takes and answers. Written by `npm run client` from its OpenAPI document; not edited. */

export type Admin = {
  id: number;
  username: string;
  email: string;
  role: 'superadmin' | 'admin' | 'agent';
  organization: string | null;
  first_name: string | null;
  last_name: string | null;
  full_name: string;
  is_active: boolean;
  created_at: string;
  created_by_id: number | null;
  agent_count: number;
  max_agents: number;
};

export type Agent = {
  id: number;
  username: string;
  email: string;
  role: 'superadmin' | 'admin' | 'agent';
  first_name: string | null;
  last_name: string | null;
  full_name: string;
  is_active: boolean;
  created_at: string;
  created_by_id: number;
  last_login: string | null;
  gate_slot: number | null;
};

export type AgentProfile = {
  id: number;
  ownerId: number | null;
  version: number;
  name: string;
  instruction: string;
  greeting: string;
  language: string | null;
  voice: string | null;
  greetingMode: string | null;
  isDefault: boolean;
  createdAt: string;
  updatedAt: string;
};

export type AgentWithAdmin = {
  id: number;
  username: string;
  email: string;
  role: 'superadmin' | 'admin' | 'agent';
  full_name: string;
  is_active: boolean;
  created_at: string;
  admin_id: number;
  admin_username: string;
  admin_organization: string | null;
};

export type AudioFile = { filename: string; size_mb: number; path: string };

export type AuditEntry = {
  id: number;
  at: string;
  actorId: number | null;
  actorName: string;
  action: string;
  targetType: string | null;
  targetId: string | null;
  details: unknown;
  address: string | null;
};

export type BarredNumber = { number: string; forEverybody: boolean; reason: string | null; createdAt: string };

export type BillingInfo = {
  current_agents: number;
  max_agents: number;
  available_slots: number;
  price_per_agent: number;
  payment_wallet: string | null;
  is_subscription_active: boolean;
  subscription_end_date: string | null;
  days_remaining: number | null;
};

export type CallConfig = {
  company_name?: string | null;
  caller_name?: string | null;
  product_name?: string | null;
  additional_prompt?: string | null;
  call_urgency?: 'high' | 'medium' | 'low' | null;
  call_objective?:
    | 'sales'
    | 'followup'
    | 'survey'
    | 'appointment'
    | 'confirm_order'
    | 'promotion_offer'
    | 'ai_sales_services'
    | 'companions_services'
    | null;
  main_benefits?: string | null;
  special_offer?: string | null;
  objection_strategy?: 'understanding' | 'educational' | 'aggressive' | null;
  voice_name?: 'Puck' | 'Charon' | 'Kore' | 'Fenrir' | 'Aoede' | null;
  greeting_instruction?: string | null;
  gemini_greeting?: boolean | null;
};

export type CallCost = { prices: ModelPrices; cost: number; inputTokens: number; outputTokens: number };

export type CallDetail = {
  callId: string;
  direction: 'inbound' | 'outbound';
  status:
    | 'pending'
    | 'dialing'
    | 'ringing'
    | 'in_call'
    | 'answered'
    | 'rejected'
    | 'busy'
    | 'no_answer'
    | 'failed'
    | 'completed';
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  durationSeconds: number | null;
  cause: string | null;
  sipCallId: string | null;
  causeDetail: string | null;
  answeredBy: 'human' | 'machine' | 'screener' | null;
  outcome: { result: string; notes: string | null } | null;
  recording: Recording;
  live: LiveCall;
  ledger: Ledger;
};

export type CallMade = {
  status: 'success';
  session_id: string;
  phone_number: string;
  message: string;
  custom_config: ResolvedCallConfig;
};

export type CallPage = { calls: CallSummary[]; nextCursor: string | null };

export type CallSummary = {
  callId: string;
  direction: 'inbound' | 'outbound';
  status:
    | 'pending'
    | 'dialing'
    | 'ringing'
    | 'in_call'
    | 'answered'
    | 'rejected'
    | 'busy'
    | 'no_answer'
    | 'failed'
    | 'completed';
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  durationSeconds: number | null;
  cause: string | null;
  live: {
    state: string;
    turn: 'greeting' | 'listening' | 'callerSpeaking' | 'thinking' | 'agentSpeaking' | null;
  } | null;
};

export type Campaign = {
  id: number;
  owner_id: number;
  owner_name: string;
  name: string;
  description: string | null;
  status: 'draft' | 'ready' | 'running' | 'paused' | 'completed' | 'cancelled';
  bot_config: Record<string, unknown>;
  dialing_config: Record<string, unknown>;
  schedule_config: Record<string, unknown>;
  total_leads: number;
  leads_called: number;
  leads_answered: number;
  leads_rejected: number;
  leads_failed: number;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  completed_at: string | null;
};

export type CampaignLead = {
  id: number;
  lead_id: number;
  lead_name: string;
  lead_phone: string;
  lead_country: string | null;
  status:
    | 'pending'
    | 'dialing'
    | 'ringing'
    | 'in_call'
    | 'answered'
    | 'rejected'
    | 'busy'
    | 'no_answer'
    | 'failed'
    | 'completed';
  priority: number;
  call_attempts: number;
  last_attempt_at: string | null;
  scheduled_for: string | null;
  call_session_id: string | null;
  call_duration: number | null;
  call_result: string | null;
  completed_at: string | null;
};

export type CrmHealth = {
  status: 'healthy' | 'degraded';
  active_sessions?: number;
  phone_number?: string | null;
  local_ip?: string | null;
  gate_voip?: string | null;
  transcription_available?: boolean;
  transcription_method?: string | null;
  transcription_model?: string | null;
  greeting_generator_available?: boolean;
  greeting_generator_method?: string | null;
  audio_preprocessing?: { enabled: boolean; features: string[]; purpose: string; latency_optimizations: string[] };
  timestamp: string;
};

export type Figures = {
  prices: ModelPrices;
  steps: {
    at: string;
    calls: number;
    answered: number;
    talkSeconds: number;
    waits: { count: number; p50Ms: number | null; p95Ms: number | null };
    deadAirSeconds: number;
    cost: number;
    inputTokens: number;
    outputTokens: number;
  }[];
};

export type HangupAccepted = { callId: string; state: string };

export type Health = {
  status: 'ok' | 'degraded';
  ready: boolean;
  version: string;
  uptimeSeconds: number;
  liveCalls: number;
  parts: Record<string, { status: 'ok' | 'degraded' | 'down'; detail: string | null }>;
};

export type Job = {
  id: string;
  kind: 'transcribe' | 'summarise';
  callId: string;
  state: 'queued' | 'running' | 'retrying' | 'completed' | 'failed';
  attempts: number;
  result: Record<string, unknown> | null;
  failure: { code: string; message: string } | null;
  requestedById: number | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};

export type Lead = {
  id: number;
  owner_id: number;
  owner_name: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string;
  country: string | null;
  country_code: string | null;
  gender: 'male' | 'female' | 'other' | 'unknown';
  address: string | null;
  notes: string | null;
  created_at: string;
  updated_at: string;
  last_called_at: string | null;
  call_count: number;
  full_phone: string;
  full_name: string;
};

export type LeadImport = {
  importId: string;
  state: 'running' | 'finished' | 'failed';
  bytesRead: number;
  bytesTotal: number;
  totalRows: number;
  imported: number;
  skippedDuplicates: number;
  failed: number;
  batchId: string | null;
  errors: { row: number; phone: string; reason: string }[];
  warnings: { row: number; reason: string }[];
  problem: { code: string; message: string } | null;
};

export type Ledger = { endedAt: string; leaked: string[] } | null;

export type LiveCall = {
  callId: string;
  direction: 'inbound' | 'outbound';
  leadId: number | null;
  trunkId: number | null;
  state: string;
  turn: 'greeting' | 'listening' | 'callerSpeaking' | 'thinking' | 'agentSpeaking' | null;
  isOnHold: boolean;
  held: boolean;
  callerNumber: string | null;
  calledNumber: string | null;
  startedAt: string;
  answeredAt: string | null;
  quality: RtpQuality;
  recording: 'writing' | 'finalising' | 'published' | 'repairing' | 'failed' | null;
  modelState: string | null;
  epoch: number;
} | null;

export type MachineCharts = Record<string, unknown>;

export type MakeCall = {
  phone_number?: string;
  call_config?: CallConfig;
  greeting_file?: string;
  greeting_transcript?: string;
};

export type ModelPrices = { input: number; output: number; asOf: string };

export type NativeCampaign = {
  id: number;
  name: string;
  status: 'draft' | 'ready' | 'running' | 'paused' | 'completed' | 'cancelled';
  outcomes: {
    leads: {
      pending: number;
      inProgress: number;
      answered: number;
      rejected: number;
      busy: number;
      noAnswer: number;
      failed: number;
    };
    attempts: number;
    answeredBy: { people: number; machines: number; screeners: number };
    abandoned: number;
  };
  abandonmentRate: number | null;
};

export type NewCall = {
  number: string;
  callerId?: string | null;
  trunkId?: number | null;
  language?: string | null;
  ringSeconds?: number | null;
  maxSeconds?: number | null;
  answeringMachine?: 'continue' | 'hangUp' | 'leaveMessage' | null;
  metadata?: Record<string, unknown>;
};

export type NewTrunk = {
  name: string;
  host: string;
  kind?: 'register' | 'static';
  transport?: 'udp' | 'tcp' | 'tls';
  port?: number | null;
  domain?: string | null;
  username?: string | null;
  authUsername?: string | null;
  callerIds?: string[];
  numberFormat?: 'plus' | 'digits' | 'doubleZero';
  dialPrefix?: string | null;
  priority?: number;
  capacity?: number;
  codecs?: ('PCMU' | 'PCMA')[];
  allowedDestinations?: string[];
  blockedDestinations?: string[];
  signallingCidrs?: string[];
  mediaCidrs?: string[];
  followsRedirects?: boolean;
  isEnabled?: boolean;
  ownerId?: number | null;
  password?: string | null;
};

export type OrderAccepted = { callId: string };

export type PaymentRequest = {
  id: number;
  admin_id: number;
  admin_username: string;
  admin_organization: string | null;
  num_agents: number;
  total_amount: number;
  status: 'pending' | 'approved' | 'rejected';
  payment_notes: string | null;
  admin_notes: string | null;
  created_at: string;
  updated_at: string;
  approved_at: string | null;
};

export type PaymentRequestForAdmin = {
  id: number;
  admin_id: number;
  admin_username: string;
  admin_organization: string | null;
  num_agents: number;
  total_amount: number;
  status: 'pending' | 'approved' | 'rejected';
  payment_notes: string | null;
  admin_notes: string | null;
  created_at: string;
  updated_at: string;
  approved_at: string | null;
  admin_email: string;
  current_agents: number;
  max_agents: number;
};

export type PlacedCall = { callId: string; calledNumber: string; callerNumber: string | null; leadId: number | null };

export type Prompt = {
  profileId: number | null;
  profileVersion: number | null;
  language: string;
  voice: string | null;
  systemInstruction: string;
  greetingRequest: string;
  greetingText: string | null;
  greetingClip: string | null;
};

export type Readiness = { ready: boolean };

export type Recording = {
  state: 'writing' | 'finalising' | 'published' | 'repairing' | 'failed';
  durationMs: number | null;
  channels: ('stereo' | 'mixed' | 'incoming' | 'outgoing')[];
  failureCode: string | null;
} | null;

export type Registration = {
  state: 'waiting' | 'registering' | 'registered' | 'refused' | 'backingOff' | 'stopped';
  cause: string | null;
  detail: string | null;
  expiresAt: string | null;
  nextAttemptAt: string | null;
} | null;

export type Replay = { callId: string; seq: number; at: string | null; actors: ReplayedActor[] };

export type ReplayedActor = {
  actorPath: string;
  incarnation: number;
  machine: string;
  machineVersion: number;
  state: string;
  context: unknown;
  diverged: { seq: number; eventType: string; recorded: string; computed: string }[];
};

export type ResolvedCallConfig = {
  company_name: string;
  caller_name: string;
  product_name: string;
  additional_prompt: string;
  main_benefits: string;
  special_offer: string;
  greeting_instruction: string;
  call_urgency: 'high' | 'medium' | 'low';
  call_objective:
    | 'sales'
    | 'followup'
    | 'survey'
    | 'appointment'
    | 'confirm_order'
    | 'promotion_offer'
    | 'ai_sales_services'
    | 'companions_services';
  objection_strategy: 'understanding' | 'educational' | 'aggressive';
  voice_name: 'Puck' | 'Charon' | 'Kore' | 'Fenrir' | 'Aoede';
  gemini_greeting: boolean;
};

export type RtpQuality = {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  packetsLate: number;
  packetsForeign: number;
  packetsMalformed: number;
  framesConcealed: number;
  framesDecoded: number;
  framesToModel: number;
  jitterMs: number;
  remoteLossFraction: number | null;
  remoteJitterMs: number | null;
  roundTripMs: number | null;
  mos: number;
} | null;

export type SayInCall = { text: string };

export type Session = {
  id: number;
  session_id: string;
  campaign_id: number | null;
  lead_id: number | null;
  lead_country: string | null;
  caller_id: string | null;
  called_number: string | null;
  status:
    | 'pending'
    | 'dialing'
    | 'ringing'
    | 'in_call'
    | 'answered'
    | 'rejected'
    | 'busy'
    | 'no_answer'
    | 'failed'
    | 'completed';
  started_at: string;
  answered_at: string | null;
  ended_at: string | null;
  start_time: string;
  end_time: string | null;
  duration: number | null;
  talk_time: number | null;
  recording_path: string | null;
  transcript_status: string | null;
  transcript_language: string | null;
  sentiment_score: number | null;
  interest_level: number | null;
  key_points: string[] | null;
  follow_up_required: boolean;
  follow_up_notes: string | null;
  transcripts: { mixed?: Transcript; incoming?: Transcript; outgoing?: Transcript } | null;
  analysis: { summary: string; status: 'interested' | 'not_interested' | 'undetermined' } | null;
  audio_files: { mixed?: AudioFile; incoming?: AudioFile; outgoing?: AudioFile } | null;
  session_info: {
    caller_id: string | null;
    called_number: string | null;
    start_time: string | null;
    end_time: string | null;
    duration_seconds: number | null;
  } | null;
  asterisk_linkedid: string | null;
};

export type SlotAdjustment = {
  id: number;
  admin_id: number;
  adjusted_by_id: number;
  adjusted_by_username: string;
  slots_change: number;
  reason: string;
  previous_max_agents: number;
  new_max_agents: number;
  created_at: string;
};

export type SystemStats = { total_admins: number; total_agents: number; total_leads: number; total_campaigns: number };

export type Timeline = { callId: string; transitions: Transition[]; nextCursor: string | null };

export type TokenResponse = { access_token: string; token_type: 'bearer'; user: User };

export type Transcript = {
  content: string;
  conversation?: { speaker: 'agent' | 'user'; text: string }[];
  success: boolean;
  language: string | null;
  confidence: number | null;
  transcribed_at: string;
  method: 'live' | 'batch';
  filename: string | null;
  file: string | null;
  length: number;
  text_length: number;
  error?: string;
};

export type TranscriptSegment = {
  index: number;
  speaker: 'agent' | 'user';
  text: string;
  startMs: number;
  endMs: number;
  interrupted: boolean;
};

export type TransferCall = { number: string };

export type Transition = {
  seq: number;
  at: string;
  epoch: number;
  machine: string;
  machineVersion: number;
  actorPath: string;
  incarnation: number;
  eventType: string;
  event: unknown;
  fromState: string | null;
  toState: string;
  ignored: boolean;
};

export type Trunk = {
  id: number;
  name: string;
  origin: 'api' | 'environment';
  kind: string;
  transport: string;
  host: string;
  port: number | null;
  domain: string | null;
  username: string | null;
  authUsername: string | null;
  hasPassword: boolean;
  callerIds: string[];
  numberFormat: string;
  dialPrefix: string | null;
  priority: number;
  capacity: number;
  codecs: string[];
  allowedDestinations: string[];
  blockedDestinations: string[];
  signallingCidrs: string[];
  mediaCidrs: string[];
  followsRedirects: boolean;
  isEnabled: boolean;
  ownerId: number | null;
  registration: Registration;
};

export type TrunkList = { trunks: Trunk[] };

export type TrunkPatch = {
  name?: string;
  host?: string;
  kind?: 'register' | 'static';
  transport?: 'udp' | 'tcp' | 'tls';
  port?: number | null;
  domain?: string | null;
  username?: string | null;
  authUsername?: string | null;
  callerIds?: string[];
  numberFormat?: 'plus' | 'digits' | 'doubleZero';
  dialPrefix?: string | null;
  priority?: number;
  capacity?: number;
  codecs?: ('PCMU' | 'PCMA')[];
  allowedDestinations?: string[];
  blockedDestinations?: string[];
  signallingCidrs?: string[];
  mediaCidrs?: string[];
  followsRedirects?: boolean;
  isEnabled?: boolean;
  ownerId?: number | null;
  password?: string | null;
};

export type User = {
  id: number;
  username: string;
  email: string;
  role: 'superadmin' | 'admin' | 'agent';
  first_name: string | null;
  last_name: string | null;
  full_name: string;
  organization: string | null;
  created_at: string;
  created_by_id: number | null;
  gate_slot: number | null;
};

export type Operations = {
  /** Add leads to a campaign */ addCampaignLeads: {
    input: { path: { id: number }; body: { lead_ids: number[]; priority?: number } };
    answer: { status: 'success'; leads_added: number; campaign_id: number; message?: string };
  };
  /** Add all leads that match to a campaign */ addCampaignLeadsByFilter: {
    input: {
      path: { id: number };
      body?: { countries?: string[]; min_call_count?: number; max_call_count?: number; never_called?: boolean };
    };
    answer: { status: 'success'; leads_added: number; campaign_id: number; message?: string };
  };
  /** Change the number of slots of an admin; agents beyond it stay */ adjustSlots: {
    input: { path: { id: number }; body: { slots_change: number; reason: string } };
    answer: {
      message: string;
      previous_max_agents: number;
      new_max_agents: number;
      slots_change: number;
      reason: string;
    };
  };
  /** Add the slots, and 30 days of subscription for the whole organisation */ approvePaymentRequest: {
    input: { path: { id: number }; body?: { admin_notes?: string } };
    answer: { message: string; new_max_agents: number; subscription_end_date: string };
  };
  /** Call a number no more */ barNumber: {
    input: { body: { number: string; reason?: string } };
    answer: BarredNumber;
  };
  /** Change an admin */ changeAdmin: {
    input: {
      path: { id: number };
      body?: { email?: string; first_name?: string; last_name?: string; is_active?: boolean; organization?: string };
    };
    answer: Admin;
  };
  /** Change an own agent */ changeAgent: {
    input: {
      path: { id: number };
      body?: { email?: string; first_name?: string; last_name?: string; is_active?: boolean; password?: string };
    };
    answer: Agent;
  };
  /** Changes fields of a profile; calls that begin afterwards use it */ changeAgentProfile: {
    input: {
      path: { profileId: number };
      body?: {
        name?: string;
        instruction?: string;
        greeting?: string;
        language?: string | null;
        voice?: 'Puck' | 'Charon' | 'Kore' | 'Fenrir' | 'Aoede' | null;
        greetingMode?: 'live' | 'clip' | null;
        isDefault?: boolean;
      };
    };
    answer: AgentProfile;
  };
  /** Change the own password; not for admins */ changePassword: {
    input: { body: { current_password: string; new_password: string } };
    answer: { message: string };
  };
  /** Change a trunk */ changeTrunk: { input: { path: { trunkId: number }; body?: TrunkPatch }; answer: Trunk };
  /** Create an admin, without agent slots or subscription */ createAdmin: {
    input: {
      body: {
        username: string;
        email: string;
        password: string;
        first_name?: string;
        last_name?: string;
        organization: string;
      };
    };
    answer: Admin;
  };
  /** Create an agent, with the lowest free slot of the gateway */ createAgent: {
    input: { body: { username: string; email: string; password: string; first_name?: string; last_name?: string } };
    answer: Agent;
  };
  /** A new agent profile */ createAgentProfile: {
    input: {
      body: {
        name: string;
        instruction: string;
        greeting?: string;
        language?: string | null;
        voice?: 'Puck' | 'Charon' | 'Kore' | 'Fenrir' | 'Aoede' | null;
        greetingMode?: 'live' | 'clip' | null;
        isDefault?: boolean;
      };
    };
    answer: AgentProfile;
  };
  /** New campaign of the caller */ createCampaign: {
    input: {
      body: {
        name: string;
        description?: string;
        bot_config?: {
          greeting_delay?: number | null;
          max_call_duration?: number | null;
          voice_speed?: number | null;
          call_config?: CallConfig;
          answering_machine?: 'continue' | 'hangUp' | 'leaveMessage' | null;
        };
        dialing_config?: {
          concurrent_calls?: number | null;
          retry_attempts?: number | null;
          wait_between_calls?: number | null;
        };
        schedule_config?: Record<string, unknown>;
      };
    };
    answer: Campaign;
  };
  /** New lead of the caller */ createLead: {
    input: {
      body: {
        phone: string;
        first_name?: string;
        last_name?: string;
        email?: string;
        country?: string;
        country_code?: string;
        gender?: 'male' | 'female' | 'other' | 'unknown' | '';
        address?: string;
        notes?: string;
        custom_data?: Record<string, unknown>;
      };
    };
    answer: Lead;
  };
  /** A new trunk */ createTrunk: { input: { body: NewTrunk }; answer: Trunk };
  /** Sum up a call in a language */ crmGenerateSummary: {
    input: {
      path: { session_id: string };
      body?: {
        language?:
          | 'English'
          | 'Bulgarian'
          | 'Spanish'
          | 'French'
          | 'German'
          | 'Italian'
          | 'Portuguese'
          | 'Russian'
          | 'Chinese'
          | 'Japanese'
          | 'Korean'
          | 'Arabic'
          | 'Hindi'
          | 'Turkish'
          | 'Polish'
          | 'Dutch'
          | 'Swedish'
          | 'Norwegian'
          | 'Danish'
          | 'Finnish';
      };
    };
    answer: {
      status: 'success';
      message: string;
      session_id: string;
      transcripts_found: number;
      language:
        | 'English'
        | 'Bulgarian'
        | 'Spanish'
        | 'French'
        | 'German'
        | 'Italian'
        | 'Portuguese'
        | 'Russian'
        | 'Chinese'
        | 'Japanese'
        | 'Korean'
        | 'Arabic'
        | 'Hindi'
        | 'Turkish'
        | 'Polish'
        | 'Dutch'
        | 'Swedish'
        | 'Norwegian'
        | 'Danish'
        | 'Finnish';
      source: 'database' | 'files';
    };
  };
  /** An audio file, by the path that a call names */ crmGetAudio: {
    input: { path: { session_id: string; file: string }; query?: { token?: string } };
    answer: Response;
  };
  /** What happens to the caller's voice on its way to the model */ crmGetAudioPreprocessing: {
    input: Record<never, never>;
    answer: {
      status: 'success';
      preprocessing_enabled: boolean;
      pipeline_type: string;
      sample_rate: number;
      estimated_latency_ms: string;
      processing_pipeline: { stage: number; name: string; description: string }[];
      telephony_standards: Record<string, string>;
      benefits: string[];
      note: string;
    };
  };
  /** Number and addresses; the addresses for superadmins only */ crmGetConfig: {
    input: Record<never, never>;
    answer: {
      status: 'success';
      config: {
        phone_number: string | null;
        local_ip: string | null;
        gate_voip_ip: string | null;
        sip_port: number | null;
        voice_agent: string;
      };
    };
  };
  /** Latency of one live call */ crmGetLatency: {
    input: { path: { session_id: string } };
    answer: {
      status: 'success';
      session_id: string;
      caller_id: string | null;
      latency: {
        session_id: string;
        duration_sec: number;
        packets_tracked: number;
        responses_tracked: number;
        stages: {
          user_eot_to_ai_audio: { min: number; max: number; avg: number; p50: number; p95: number; count: number };
        };
        network_estimates_ms: { sim_gate_to_agent: number | null; agent_to_gemini: number | null };
        bottleneck: { stage: string | null; avg_latency_ms: number; recommendation: string | null };
      };
    };
  };
  /** One call */ crmGetSession: { input: { path: { session_id: string } }; answer: Session };
  /** Summary of a call */ crmGetSummary: {
    input: { path: { session_id: string } };
    answer: {
      status: 'success';
      session_id: string;
      summary: { summary: string; status: 'interested' | 'not_interested' | 'undetermined' };
    };
  };
  /** One transcript of a call: mixed, incoming or outgoing */ crmGetTranscript: {
    input: { path: { session_id: string; audio_type: string } };
    answer: {
      status: 'success';
      session_id: string;
      audio_type: string;
      transcript: {
        content: string;
        filename: string | null;
        language: string | null;
        text_length: number;
        confidence: number | null;
        transcribed_at: string;
        success: boolean;
      };
    };
  };
  /** Whether recordings can be transcribed */ crmGetTranscriptionStatus: {
    input: Record<never, never>;
    answer: {
      status: 'success';
      transcription_available: boolean;
      transcription_method: string | null;
      service_status: 'enabled' | 'disabled';
      model_info: { model_size: string | null; model_loaded: boolean } | null;
      supported_languages: string[];
      reason: string;
    };
  };
  /** Transcripts of a call */ crmGetTranscripts: {
    input: { path: { session_id: string } };
    answer: {
      status: 'success';
      session_id: string;
      session_info: {
        caller_id: string | null;
        called_number: string | null;
        start_time: string | null;
        end_time: string | null;
        duration_seconds: number | null;
      } | null;
      transcripts: { mixed?: Transcript; incoming?: Transcript; outgoing?: Transcript };
    };
  };
  /** Latency of live calls */ crmListLatency: {
    input: Record<never, never>;
    answer: {
      status: 'success';
      active_sessions: number;
      sessions: {
        session_id: string;
        caller_id: string | null;
        duration_sec: number;
        latency: {
          session_id: string;
          duration_sec: number;
          packets_tracked: number;
          responses_tracked: number;
          stages: {
            user_eot_to_ai_audio: { min: number; max: number; avg: number; p50: number; p95: number; count: number };
          };
          network_estimates_ms: { sim_gate_to_agent: number | null; agent_to_gemini: number | null };
        } | null;
      }[];
      message?: string;
    };
  };
  /** Live calls */ crmListLiveSessions: {
    input: Record<never, never>;
    answer: {
      status: 'success';
      active_sessions: number;
      sessions: {
        session_id: string;
        caller_id: string | null;
        called_number: string | null;
        start_time: string;
        status: 'waiting_for_ack' | 'connecting' | 'active';
        duration_seconds: number;
      }[];
    };
  };
  /** Calls that are over and have audio, newest first */ crmListRecordings: {
    input: { query?: { limit?: number } };
    answer: {
      status: 'success';
      total_recordings: number;
      recordings: {
        session_id: string;
        caller_id: string | null;
        called_number: string | null;
        start_time: string | null;
        end_time: string | null;
        duration_seconds: number | null;
        audio_files: { mixed?: AudioFile; incoming?: AudioFile; outgoing?: AudioFile };
        has_recording: boolean;
        source: string;
      }[];
    };
  };
  /** Calls, newest first */ crmListSessions: {
    input: {
      query?: {
        campaign_id?: number;
        lead_id?: number;
        status?:
          | 'pending'
          | 'dialing'
          | 'ringing'
          | 'in_call'
          | 'answered'
          | 'rejected'
          | 'busy'
          | 'no_answer'
          | 'failed'
          | 'completed';
        limit?: number;
      };
    };
    answer: Session[];
  };
  /** Transcribe the recording of a call again */ crmRetranscribe: {
    input: { path: { session_id: string } };
    answer: {
      status: 'success';
      message: string;
      session_id: string;
      audio_files_found: number;
      source: 'local' | 'pbx';
    };
  };
  /** Delete an admin with its agents and everything they own, recordings too */ deleteAdmin: {
    input: { path: { id: number } };
    answer: { message: string; deleted_agents: number };
  };
  /** Delete an own agent with its leads and campaigns; its calls become the admin’s */ deleteAgent: {
    input: { path: { id: number } };
    answer: { status: 'success'; message: string };
  };
  /** Delete a campaign */ deleteCampaign: {
    input: { path: { id: number } };
    answer: { status: 'success'; message: string };
  };
  /** Delete a lead */ deleteLead: { input: { path: { id: number } }; answer: { status: 'success'; message: string } };
  /** All leads as CSV, newest first */ exportLeads: { input: Record<never, never>; answer: Response };
  /** Have a greeting spoken before the call */ generateGreeting: {
    input: { body?: { phone_number?: string; call_config?: CallConfig } };
    answer: {
      status: 'success';
      greeting_file: string;
      transcript: string;
      language: string;
      language_code: string;
      voice: string;
      greeting_text: string;
    };
  };
  /** One admin */ getAdmin: { input: { path: { id: number } }; answer: Admin };
  /** One own agent */ getAgent: { input: { path: { id: number } }; answer: Agent };
  /** One agent profile */ getAgentProfile: { input: { path: { profileId: number } }; answer: AgentProfile };
  /** Slots and subscription */ getBillingInfo: { input: Record<never, never>; answer: BillingInfo };
  /** One call */ getCall: { input: { path: { callId: string } }; answer: CallDetail };
  /** What the model costs in a call */ getCallCost: { input: { path: { callId: string } }; answer: CallCost };
  /** One campaign */ getCampaign: { input: { path: { id: number } }; answer: Campaign };
  /** How the leads and calls of a campaign ended so far */ getCampaignOutcomes: {
    input: { path: { id: number } };
    answer: NativeCampaign;
  };
  /** Whether it works; always 200 */ getHealth: { input: Record<never, never>; answer: CrmHealth };
  /** What works and what does not; always 200 */ getHealthOfParts: { input: Record<never, never>; answer: Health };
  /** One job */ getJob: { input: { path: { jobId: string } }; answer: Job };
  /** One lead */ getLead: { input: { path: { id: number } }; answer: Lead };
  /** Progress of an import */ getLeadImport: { input: { path: { importId: string } }; answer: LeadImport };
  /** Whoever the token belongs to */ getMe: { input: Record<never, never>; answer: User };
  /** Prometheus metrics */ getMetrics: { input: Record<never, never>; answer: Response };
  /** Where to pay to */ getPaymentWallet: { input: Record<never, never>; answer: { wallet_address: string | null } };
  /** The prompt that the call used */ getPrompt: { input: { path: { callId: string } }; answer: Prompt };
  /** Whether new calls are taken: 200 or 503 */ getReadiness: { input: Record<never, never>; answer: Readiness };
  /** The recording, 8 kHz 16-bit WAV */ getRecording: {
    input: { path: { callId: string }; query?: { channel?: 'stereo' | 'mixed' | 'incoming' | 'outgoing' } };
    answer: Response;
  };
  /** How many there are of what */ getSystemStats: { input: Record<never, never>; answer: SystemStats };
  /** Every transition of the call and of its child machines, in order */ getTimeline: {
    input: { path: { callId: string }; query?: { cursor?: string; limit?: number } };
    answer: Timeline;
  };
  /** What was said so far */ getTranscript: {
    input: { path: { callId: string } };
    answer: { callId: string; complete: boolean; segments: TranscriptSegment[] };
  };
  /** One trunk */ getTrunk: { input: { path: { trunkId: number } }; answer: Trunk };
  /** End a live call */ hangUpCall: { input: { path: { callId: string } }; answer: HangupAccepted };
  /** Put the other side on hold */ holdCall: { input: { path: { callId: string } }; answer: OrderAccepted };
  /** Import leads from a CSV file */ importLeads: {
    input: { body: FormData };
    answer: {
      status: 'success';
      import_batch_id: string;
      imported: number;
      total_rows: number;
      skipped_duplicates: number;
      failed: number;
      errors: { row: number; phone: string; reason: string }[];
      warnings: { row: number; reason: string }[];
    };
  };
  /** All admins, by id */ listAdmins: { input: Record<never, never>; answer: Admin[] };
  /** The agent profiles of the user, and the shared ones */ listAgentProfiles: {
    input: Record<never, never>;
    answer: { profiles: AgentProfile[] };
  };
  /** What the profile said before, newest first */ listAgentProfileVersions: {
    input: { path: { profileId: number } };
    answer: { versions: { version: number; changedById: number | null; createdAt: string; content: unknown }[] };
  };
  /** Own agents, by id */ listAgents: { input: Record<never, never>; answer: Agent[] };
  /** The agents of an admin, by id */ listAgentsOfAdmin: { input: { path: { id: number } }; answer: User[] };
  /** The agents of all tenants, by id */ listAllAgents: { input: Record<never, never>; answer: AgentWithAdmin[] };
  /** Requests of all admins: pending ones first, then newest first */ listAllPaymentRequests: {
    input: Record<never, never>;
    answer: PaymentRequestForAdmin[];
  };
  /** Administrative acts, newest first */ listAuditEntries: {
    input: { query?: { limit?: number; cursor?: string } };
    answer: { entries: AuditEntry[]; nextCursor: string | null };
  };
  /** Numbers that campaigns do not call, newest first */ listBarredNumbers: {
    input: { query?: { page?: number; per_page?: number } };
    answer: { numbers: BarredNumber[]; total: number; page: number; per_page: number; total_pages: number };
  };
  /** Calls, newest first */ listCalls: {
    input: {
      query?: {
        status?:
          | 'pending'
          | 'dialing'
          | 'ringing'
          | 'in_call'
          | 'answered'
          | 'rejected'
          | 'busy'
          | 'no_answer'
          | 'failed'
          | 'completed';
        direction?: 'inbound' | 'outbound';
        number?: string;
        startedFrom?: string;
        startedBefore?: string;
        cursor?: string;
        limit?: number;
      };
    };
    answer: CallPage;
  };
  /** Leads of a campaign, in the order in which they are called */ listCampaignLeads: {
    input: {
      path: { id: number };
      query?: {
        page?: number;
        per_page?: number;
        status?:
          | 'pending'
          | 'dialing'
          | 'ringing'
          | 'in_call'
          | 'answered'
          | 'rejected'
          | 'busy'
          | 'no_answer'
          | 'failed'
          | 'completed';
      };
    };
    answer: { campaign_leads: CampaignLead[]; total: number; page: number; per_page: number; total_pages: number };
  };
  /** Campaigns, newest first */ listCampaigns: {
    input: { query?: { status?: 'draft' | 'ready' | 'running' | 'paused' | 'completed' | 'cancelled' } };
    answer: { campaigns: Campaign[] };
  };
  /** Calls, waits, dead air and costs, by hour or day */ listFigures: {
    input: { query: { from: string; before?: string; step?: 'hour' | 'day' } };
    answer: Figures;
  };
  /** Jobs of calls that the caller may see, newest first */ listJobs: {
    input: {
      query?: {
        kind?: 'transcribe' | 'summarise';
        state?: 'queued' | 'running' | 'retrying' | 'completed' | 'failed';
        callId?: string;
        limit?: number;
        cursor?: string;
      };
    };
    answer: { jobs: Job[]; nextCursor: string | null };
  };
  /** Leads, newest first */ listLeads: {
    input: { query?: { page?: number; per_page?: number; country?: string } };
    answer: { leads: Lead[]; total: number; page: number; per_page: number; total_pages: number };
  };
  /** The statecharts of calls and their parts */ listMachines: { input: Record<never, never>; answer: MachineCharts };
  /** Own requests, newest first */ listPaymentRequests: { input: Record<never, never>; answer: PaymentRequest[] };
  /** What superadmins have changed in the own slots, newest first */ listSlotAdjustments: {
    input: Record<never, never>;
    answer: SlotAdjustment[];
  };
  /** What was changed in the slots of an admin, newest first */ listSlotAdjustmentsOfAdmin: {
    input: { path: { id: number } };
    answer: SlotAdjustment[];
  };
  /** Trunks by priority, with the state of their registration */ listTrunks: {
    input: Record<never, never>;
    answer: TrunkList;
  };
  /** A token for a user name and password */ login: {
    input: { body: { username: string; password: string } };
    answer: TokenResponse;
  };
  /** Call a number now */ makeCall: { input: { body?: MakeCall }; answer: CallMade };
  /** Place no more calls for now */ pauseCampaign: {
    input: { path: { id: number } };
    answer: { status: 'success'; message: string };
  };
  /** Place a call */ placeCall: { input: { body: NewCall }; answer: PlacedCall };
  /** The prompt that a call like this would use now, word for word */ previewPrompt: {
    input: {
      body?: {
        direction?: 'inbound' | 'outbound';
        phoneNumber?: string;
        leadId?: number;
        profileId?: number;
        language?: string;
        callConfig?: CallConfig;
      };
    };
    answer: Prompt;
  };
  /** Register as an admin, without agent slots or subscription */ register: {
    input: { body: { username: string; email: string; password: string; first_name?: string; last_name?: string } };
    answer: TokenResponse;
  };
  /** Reject a request */ rejectPaymentRequest: {
    input: { path: { id: number }; body?: { admin_notes?: string } };
    answer: { message: string };
  };
  /** Removes a profile; its versions stay known */ removeAgentProfile: {
    input: { path: { profileId: number } };
    answer: AgentProfile;
  };
  /** Remove a trunk */ removeTrunk: { input: { path: { trunkId: number } }; answer: Response };
  /** The state of each actor of the call after a transition, or at a time */ replayCall: {
    input: { path: { callId: string }; query?: { seq?: number; at?: string } };
    answer: Replay;
  };
  /** Ask for agent slots; one request may be pending */ requestSlots: {
    input: { body: { num_agents: number; payment_notes?: string } };
    answer: PaymentRequest;
  };
  /** Set the password of an admin */ resetAdminPassword: {
    input: { path: { id: number }; body: { new_password: string } };
    answer: { message: string };
  };
  /** Set the password of an agent */ resetAgentPassword: {
    input: { path: { id: number }; body: { new_password: string } };
    answer: { message: string };
  };
  /** Tell the agent what to say or do */ sayInCall: {
    input: { path: { callId: string }; body: SayInCall };
    answer: OrderAccepted;
  };
  /** Send a short message */ sendSms: {
    input: { body: { phone_number: string; message: string; gate_slot?: number } };
    answer: {
      status: 'success';
      message: string;
      phone_number: string;
      gate_slot: number;
      sms_length: number;
      response: string;
    };
  };
  /** Set where to pay to; empty unsets it */ setPaymentWallet: {
    input: { body: { wallet_address: string } };
    answer: { message: string; wallet_address: string };
  };
  /** Make the first superadmin, with the token of the set-up link */ setUp: {
    input: { body: { token: string; username: string; email: string; password: string } };
    answer: TokenResponse;
  };
  /** Start a campaign, or go on with one that is paused */ startCampaign: {
    input: { path: { id: number }; body?: { call_config?: CallConfig } };
    answer: { status: 'success'; campaign_id: number; message: string; total_leads: number; has_call_config: boolean };
  };
  /** Import leads from a CSV file, and be told of the progress */ startLeadImport: {
    input: Record<never, never>;
    answer: LeadImport;
  };
  /** End a campaign for good */ stopCampaign: {
    input: { path: { id: number } };
    answer: { status: 'success'; message: string };
  };
  /** Live events (SSE) */ streamEvents: {
    input: { query?: { callId?: string; everyMs?: number; transcripts?: boolean } };
    answer: Response;
  };
  /** Connect the other side with somebody else */ transferCall: {
    input: { path: { callId: string }; body: TransferCall };
    answer: OrderAccepted;
  };
  /** A number may be called again */ unbarNumber: { input: { path: { number: string } }; answer: Response };
  /** Take the other side back from hold */ unholdCall: { input: { path: { callId: string } }; answer: OrderAccepted };
  /** Edit a campaign */ updateCampaign: {
    input: {
      path: { id: number };
      body?: {
        name?: string;
        description?: string;
        bot_config?: {
          greeting_delay?: number | null;
          max_call_duration?: number | null;
          voice_speed?: number | null;
          call_config?: CallConfig;
          answering_machine?: 'continue' | 'hangUp' | 'leaveMessage' | null;
        };
        dialing_config?: {
          concurrent_calls?: number | null;
          retry_attempts?: number | null;
          wait_between_calls?: number | null;
        };
        schedule_config?: Record<string, unknown>;
        status?: 'draft' | 'ready' | 'running' | 'paused' | 'completed' | 'cancelled';
      };
    };
    answer: Campaign;
  };
  /** Change a lead */ updateLead: {
    input: {
      path: { id: number };
      body?: {
        phone?: string;
        first_name?: string;
        last_name?: string;
        email?: string;
        country?: string;
        country_code?: string;
        gender?: 'male' | 'female' | 'other' | 'unknown' | '';
        address?: string;
        notes?: string;
        custom_data?: Record<string, unknown>;
      };
    };
    answer: Lead;
  };
  /** Whether the token is good */ verifyToken: { input: Record<never, never>; answer: { valid: true; user: User } };
};

export const OPERATIONS = {
  addCampaignLeads: { method: 'POST', path: '/api/crm/campaigns/{id}/leads', isJson: true },
  addCampaignLeadsByFilter: { method: 'POST', path: '/api/crm/campaigns/{id}/leads/filter', isJson: true },
  adjustSlots: { method: 'POST', path: '/api/superadmin/admins/{id}/adjust-slots', isJson: true },
  approvePaymentRequest: { method: 'POST', path: '/api/superadmin/payment-requests/{id}/approve', isJson: true },
  barNumber: { method: 'POST', path: '/api/v1/do-not-call', isJson: true },
  changeAdmin: { method: 'PUT', path: '/api/superadmin/admins/{id}', isJson: true },
  changeAgent: { method: 'PUT', path: '/api/users/agents/{id}', isJson: true },
  changeAgentProfile: { method: 'PATCH', path: '/api/v1/agent-profiles/{profileId}', isJson: true },
  changePassword: { method: 'POST', path: '/api/auth/change-password', isJson: true },
  changeTrunk: { method: 'PATCH', path: '/api/v1/trunks/{trunkId}', isJson: true },
  createAdmin: { method: 'POST', path: '/api/superadmin/admins', isJson: true },
  createAgent: { method: 'POST', path: '/api/users/agents', isJson: true },
  createAgentProfile: { method: 'POST', path: '/api/v1/agent-profiles', isJson: true },
  createCampaign: { method: 'POST', path: '/api/crm/campaigns', isJson: true },
  createLead: { method: 'POST', path: '/api/crm/leads', isJson: true },
  createTrunk: { method: 'POST', path: '/api/v1/trunks', isJson: true },
  crmGenerateSummary: { method: 'POST', path: '/api/transcripts/{session_id}/generate_summary', isJson: true },
  crmGetAudio: { method: 'GET', path: '/static/sessions/{session_id}/{file}', isJson: false },
  crmGetAudioPreprocessing: { method: 'GET', path: '/api/audio/preprocessing', isJson: true },
  crmGetConfig: { method: 'GET', path: '/api/config', isJson: true },
  crmGetLatency: { method: 'GET', path: '/api/latency/{session_id}', isJson: true },
  crmGetSession: { method: 'GET', path: '/api/crm/sessions/{session_id}', isJson: true },
  crmGetSummary: { method: 'GET', path: '/api/transcripts/{session_id}/summary', isJson: true },
  crmGetTranscript: { method: 'GET', path: '/api/transcripts/{session_id}/{audio_type}', isJson: true },
  crmGetTranscriptionStatus: { method: 'GET', path: '/api/transcription/status', isJson: true },
  crmGetTranscripts: { method: 'GET', path: '/api/transcripts/{session_id}', isJson: true },
  crmListLatency: { method: 'GET', path: '/api/latency', isJson: true },
  crmListLiveSessions: { method: 'GET', path: '/api/sessions', isJson: true },
  crmListRecordings: { method: 'GET', path: '/api/recordings', isJson: true },
  crmListSessions: { method: 'GET', path: '/api/crm/sessions', isJson: true },
  crmRetranscribe: { method: 'POST', path: '/api/transcripts/{session_id}/retranscribe', isJson: true },
  deleteAdmin: { method: 'DELETE', path: '/api/superadmin/admins/{id}', isJson: true },
  deleteAgent: { method: 'DELETE', path: '/api/users/agents/{id}', isJson: true },
  deleteCampaign: { method: 'DELETE', path: '/api/crm/campaigns/{id}', isJson: true },
  deleteLead: { method: 'DELETE', path: '/api/crm/leads/{id}', isJson: true },
  exportLeads: { method: 'GET', path: '/api/v1/leads/export.csv', isJson: false },
  generateGreeting: { method: 'POST', path: '/api/generate_greeting', isJson: true },
  getAdmin: { method: 'GET', path: '/api/superadmin/admins/{id}', isJson: true },
  getAgent: { method: 'GET', path: '/api/users/agents/{id}', isJson: true },
  getAgentProfile: { method: 'GET', path: '/api/v1/agent-profiles/{profileId}', isJson: true },
  getBillingInfo: { method: 'GET', path: '/api/billing/info', isJson: true },
  getCall: { method: 'GET', path: '/api/v1/calls/{callId}', isJson: true },
  getCallCost: { method: 'GET', path: '/api/v1/calls/{callId}/cost', isJson: true },
  getCampaign: { method: 'GET', path: '/api/crm/campaigns/{id}', isJson: true },
  getCampaignOutcomes: { method: 'GET', path: '/api/v1/campaigns/{id}', isJson: true },
  getHealth: { method: 'GET', path: '/health', isJson: true },
  getHealthOfParts: { method: 'GET', path: '/api/v1/health', isJson: true },
  getJob: { method: 'GET', path: '/api/v1/jobs/{jobId}', isJson: true },
  getLead: { method: 'GET', path: '/api/crm/leads/{id}', isJson: true },
  getLeadImport: { method: 'GET', path: '/api/v1/leads/imports/{importId}', isJson: true },
  getMe: { method: 'GET', path: '/api/auth/me', isJson: true },
  getMetrics: { method: 'GET', path: '/metrics', isJson: false },
  getPaymentWallet: { method: 'GET', path: '/api/superadmin/settings/payment-wallet', isJson: true },
  getPrompt: { method: 'GET', path: '/api/v1/calls/{callId}/prompt', isJson: true },
  getReadiness: { method: 'GET', path: '/ready', isJson: true },
  getRecording: { method: 'GET', path: '/api/v1/calls/{callId}/recording', isJson: false },
  getSystemStats: { method: 'GET', path: '/api/superadmin/stats', isJson: true },
  getTimeline: { method: 'GET', path: '/api/v1/calls/{callId}/timeline', isJson: true },
  getTranscript: { method: 'GET', path: '/api/v1/calls/{callId}/transcript', isJson: true },
  getTrunk: { method: 'GET', path: '/api/v1/trunks/{trunkId}', isJson: true },
  hangUpCall: { method: 'POST', path: '/api/v1/calls/{callId}/hangup', isJson: true },
  holdCall: { method: 'POST', path: '/api/v1/calls/{callId}/hold', isJson: true },
  importLeads: { method: 'POST', path: '/api/crm/leads/import', isJson: true },
  listAdmins: { method: 'GET', path: '/api/superadmin/admins', isJson: true },
  listAgentProfiles: { method: 'GET', path: '/api/v1/agent-profiles', isJson: true },
  listAgentProfileVersions: { method: 'GET', path: '/api/v1/agent-profiles/{profileId}/versions', isJson: true },
  listAgents: { method: 'GET', path: '/api/users/agents', isJson: true },
  listAgentsOfAdmin: { method: 'GET', path: '/api/superadmin/admins/{id}/agents', isJson: true },
  listAllAgents: { method: 'GET', path: '/api/superadmin/agents', isJson: true },
  listAllPaymentRequests: { method: 'GET', path: '/api/superadmin/payment-requests', isJson: true },
  listAuditEntries: { method: 'GET', path: '/api/v1/audit', isJson: true },
  listBarredNumbers: { method: 'GET', path: '/api/v1/do-not-call', isJson: true },
  listCalls: { method: 'GET', path: '/api/v1/calls', isJson: true },
  listCampaignLeads: { method: 'GET', path: '/api/crm/campaigns/{id}/leads', isJson: true },
  listCampaigns: { method: 'GET', path: '/api/crm/campaigns', isJson: true },
  listFigures: { method: 'GET', path: '/api/v1/figures', isJson: true },
  listJobs: { method: 'GET', path: '/api/v1/jobs', isJson: true },
  listLeads: { method: 'GET', path: '/api/crm/leads', isJson: true },
  listMachines: { method: 'GET', path: '/api/v1/machines', isJson: true },
  listPaymentRequests: { method: 'GET', path: '/api/billing/requests', isJson: true },
  listSlotAdjustments: { method: 'GET', path: '/api/billing/slot-adjustments', isJson: true },
  listSlotAdjustmentsOfAdmin: { method: 'GET', path: '/api/superadmin/admins/{id}/slot-adjustments', isJson: true },
  listTrunks: { method: 'GET', path: '/api/v1/trunks', isJson: true },
  login: { method: 'POST', path: '/api/auth/login', isJson: true },
  makeCall: { method: 'POST', path: '/api/make_call', isJson: true },
  pauseCampaign: { method: 'POST', path: '/api/crm/campaigns/{id}/pause', isJson: true },
  placeCall: { method: 'POST', path: '/api/v1/calls', isJson: true },
  previewPrompt: { method: 'POST', path: '/api/v1/prompt-previews', isJson: true },
  register: { method: 'POST', path: '/api/auth/register', isJson: true },
  rejectPaymentRequest: { method: 'POST', path: '/api/superadmin/payment-requests/{id}/reject', isJson: true },
  removeAgentProfile: { method: 'DELETE', path: '/api/v1/agent-profiles/{profileId}', isJson: true },
  removeTrunk: { method: 'DELETE', path: '/api/v1/trunks/{trunkId}', isJson: false },
  replayCall: { method: 'GET', path: '/api/v1/calls/{callId}/replay', isJson: true },
  requestSlots: { method: 'POST', path: '/api/billing/request', isJson: true },
  resetAdminPassword: { method: 'POST', path: '/api/superadmin/admins/{id}/reset-password', isJson: true },
  resetAgentPassword: { method: 'POST', path: '/api/superadmin/agents/{id}/reset-password', isJson: true },
  sayInCall: { method: 'POST', path: '/api/v1/calls/{callId}/say', isJson: true },
  sendSms: { method: 'POST', path: '/api/sms/send', isJson: true },
  setPaymentWallet: { method: 'POST', path: '/api/superadmin/settings/payment-wallet', isJson: true },
  setUp: { method: 'POST', path: '/api/auth/set-up', isJson: true },
  startCampaign: { method: 'POST', path: '/api/crm/campaigns/{id}/start', isJson: true },
  startLeadImport: { method: 'POST', path: '/api/v1/leads/imports', isJson: true },
  stopCampaign: { method: 'POST', path: '/api/crm/campaigns/{id}/stop', isJson: true },
  streamEvents: { method: 'GET', path: '/api/v1/events', isJson: false },
  transferCall: { method: 'POST', path: '/api/v1/calls/{callId}/transfer', isJson: true },
  unbarNumber: { method: 'DELETE', path: '/api/v1/do-not-call/{number}', isJson: false },
  unholdCall: { method: 'POST', path: '/api/v1/calls/{callId}/unhold', isJson: true },
  updateCampaign: { method: 'PUT', path: '/api/crm/campaigns/{id}', isJson: true },
  updateLead: { method: 'PUT', path: '/api/crm/leads/{id}', isJson: true },
  verifyToken: { method: 'POST', path: '/api/auth/verify-token', isJson: true },
} as const satisfies Record<keyof Operations, { method: string; path: string; isJson: boolean }>;
