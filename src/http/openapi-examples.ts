/** Examples in the OpenAPI document: those of the schemas, and where there is none, one that fits. Pure. */

export type Schema = Readonly<Record<string, unknown>>;

/** By format; then texts of which the first that fits a pattern is taken. */
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2025-12-01T12:04:23.118Z',
  date: '2025-12-01',
  time: '12:04:23Z',
  email: 'maria@example.com',
  uuid: '0b52a2b6-9a29-4f0c-9d53-2f43a3c3d0f1',
  uri: 'https://example.com/hook',
};
const TEXTS = [
  'text',
  '417252eb-ca15-4ca7-b518-a5e053ad59d1',
  '+359888123456',
  '+359',
  '359',
  'en-US',
  'bg',
  'BG',
  '192.0.2.0/24',
  '192.0.2.1',
  'sip.example.com',
  '9',
];

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textFor = ({ format, pattern, minLength = 0, maxLength = Infinity }: Schema): string => {
  const byFormat = typeof format === 'string' ? FORMATS[format] : undefined;
  if (byFormat !== undefined) return byFormat;
  const fits = (text: string) =>
    text.length >= Number(minLength) &&
    text.length <= Number(maxLength) &&
    (typeof pattern !== 'string' || new RegExp(pattern, 'u').test(text));
  return TEXTS.find(fits) ?? 'text'.padEnd(Number(minLength), '-');
};

const numberFor = ({ minimum, exclusiveMinimum, maximum }: Schema): number => {
  if (typeof minimum === 'number') return minimum;
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1;
  return typeof maximum === 'number' && maximum < 1 ? maximum : 1;
};

const objectFor = ({ properties }: Schema): unknown =>
  Object.fromEntries(
    Object.entries(isSchema(properties) ? properties : {}).map(([name, schema]) => [name, exampleOf(schema)]),
  );

const BY_TYPE: Readonly<Record<string, (schema: Schema) => unknown>> = {
  string: textFor,
  integer: numberFor,
  number: numberFor,
  boolean: () => true,
  array: ({ items, minItems = 0 }) => (isSchema(items) ? [exampleOf(items)] : Array(Number(minItems)).fill(null)),
  object: objectFor,
  null: () => null,
};

const given = ({ examples, example, const: constant, default: fallback, enum: values }: Schema): unknown => {
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  return [example, constant, fallback, Array.isArray(values) ? values[0] : undefined].find(
    (each) => each !== undefined,
  );
};

/** The schema's own example, else the simplest value with every property. */
export const exampleOf = (schema: unknown): unknown => {
  if (!isSchema(schema)) return null;
  const own = given(schema);
  if (own !== undefined) return own;
  const { anyOf, oneOf, type } = schema;
  const choices = [anyOf, oneOf].find(Array.isArray);
  if (choices) return exampleOf(choices[0]);
  const name = Array.isArray(type) ? type.find((each) => each !== 'null') : type;
  return BY_TYPE[String(name)]?.(schema) ?? {};
};

type Media = { schema?: Schema; example?: unknown };
type Body = { content?: Record<string, Media> };
type Operation = { requestBody?: Body; responses?: Record<string, Body> };
type Paths = Record<string, Record<string, Operation>>;

const addTo = (body: Body | undefined): void => {
  const media = body?.content?.['application/json'];
  if (media?.schema) media.example ??= exampleOf(media.schema);
};

/** An example for every body that is sent or answered as JSON. */
export const addExamples = (paths: Paths): void => {
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item))) {
    addTo(operation.requestBody);
    for (const response of Object.values(operation.responses ?? {})) addTo(response);
  }
};
