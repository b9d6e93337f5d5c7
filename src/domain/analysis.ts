/** What a summary of a call says. Pure. */

export const ANALYSIS_STATUSES = ['interested', 'not_interested', 'undetermined'] as const;
export type AnalysisStatus = (typeof ANALYSIS_STATUSES)[number];

export type Analysis = { summary: string; status: AnalysisStatus };

/** Offered for summaries, as the API names them. */
export const SUMMARY_LANGUAGES = [
  ...['English', 'Bulgarian', 'Spanish', 'French', 'German', 'Italian', 'Portuguese', 'Russian', 'Chinese'],
  ...['Japanese', 'Korean', 'Arabic', 'Hindi', 'Turkish', 'Polish', 'Dutch', 'Swedish', 'Norwegian', 'Danish'],
  'Finnish',
] as const;

export type SummaryLanguage = (typeof SUMMARY_LANGUAGES)[number];

export const summaryLanguageOf = (text: string | undefined): SummaryLanguage =>
  SUMMARY_LANGUAGES.find((language) => language === text) ?? 'English';
