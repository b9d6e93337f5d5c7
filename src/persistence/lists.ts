/** Lists as one parameter of a statement: JSON, as MikroORM would take an array apart. */

export const THESE_IDS = 'select jsonb_array_elements_text(?::jsonb)::int';
export const THESE_TEXTS = 'select jsonb_array_elements_text(?::jsonb)';
