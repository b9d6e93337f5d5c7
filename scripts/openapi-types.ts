/** Writes an OpenAPI document as TypeScript: a type for every operation's input and answer. Pure. */

type Json = Readonly<Record<string, unknown>>;

type Parameter = { name: string; in: string; required?: boolean; schema?: Json };
type Body = { required?: boolean; content?: Record<string, { schema?: Json }> };
type Operation = {
  operationId: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: Body;
  responses?: Record<string, Body>;
};
export type OpenapiDocument = { paths: Record<string, Record<string, Operation>> };

type Titled = Map<string, string>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const quote = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

const propertyOf = (name: string, schema: unknown, isRequired: boolean, titled: Titled): string =>
  `${quote(name)}${isRequired ? '' : '?'}: ${typeOf(schema, titled)};`;

const objectType = ({ properties, required, additionalProperties }: Json, titled: Titled): string => {
  const names = Array.isArray(required) ? required : [];
  const fields = Object.entries(isJson(properties) ? properties : {}).map(([name, schema]) =>
    propertyOf(name, schema, names.includes(name), titled),
  );
  if (isJson(additionalProperties) && fields.length === 0)
    return `Record<string, ${typeOf(additionalProperties, titled)}>`;
  return fields.length === 0 ? 'Record<string, unknown>' : `{ ${fields.join(' ')} }`;
};

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

const namedType = (name: unknown, schema: Json, titled: Titled): string => {
  if (name === 'object') return objectType(schema, titled);
  if (name === 'array') return `(${typeOf(schema['items'], titled)})[]`;
  return PLAIN[String(name)] ?? 'unknown';
};

const unionOf = (types: readonly string[]) => [...new Set(types)].join(' | ');

const bareType = (schema: Json, titled: Titled): string => {
  const { enum: values, const: constant, anyOf, oneOf, type } = schema;
  if (constant !== undefined) return JSON.stringify(constant);
  if (Array.isArray(values)) return unionOf(values.map((value) => JSON.stringify(value)));
  const choices = [anyOf, oneOf].find(Array.isArray);
  if (choices) return unionOf(choices.map((choice) => typeOf(choice, titled)));
  return unionOf((Array.isArray(type) ? type : [type]).map((name) => namedType(name, schema, titled)));
};

/** A schema with a title becomes a type of that name, once; of two that differ, the second stays without. */
const typeOf = (schema: unknown, titled: Titled): string => {
  if (!isJson(schema)) return 'unknown';
  const bare = bareType(schema, titled);
  const { title } = schema;
  if (typeof title !== 'string' || !/^[A-Z]\w*$/.test(title)) return bare;
  if (!titled.has(title)) titled.set(title, bare);
  return titled.get(title) === bare ? title : bare;
};

const MULTIPART = 'multipart/form-data';

const parametersOf = (operation: Operation, place: string, titled: Titled): string[] => {
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  if (parameters.length === 0) return [];
  // What has a default need not be given.
  const needed = ({ required = false, schema }: Parameter) => required && schema?.['default'] === undefined;
  const isRequired = parameters.some(needed);
  const fields = parameters.map((parameter) => propertyOf(parameter.name, parameter.schema, needed(parameter), titled));
  return [`${place}${isRequired ? '' : '?'}: { ${fields.join(' ')} };`];
};

const isUpload = (operation: Operation): boolean =>
  operation.operationId.startsWith('import') || operation.requestBody?.content?.[MULTIPART] !== undefined;

const bodyOf = (operation: Operation, titled: Titled): string[] => {
  if (isUpload(operation)) return ['body: FormData;'];
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  if (!schema) return [];
  const needsFields = Array.isArray(schema['required']) && schema['required'].length > 0;
  return [`body${needsFields ? '' : '?'}: ${typeOf(schema, titled)};`];
};

const answerOf = ({ responses = {} }: Operation, titled: Titled): string | null => {
  const contents = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => content?.['application/json']?.schema);
  return contents.length > 0 && contents.every(isJson)
    ? unionOf(contents.map((schema) => typeOf(schema, titled)))
    : null;
};

const HEADER =
  '/** What the API takes and answers. Written by `npm run client` from its OpenAPI document; not edited. */';

/** Unformatted. */
export const writeOperations = ({ paths }: OpenapiDocument): string => {
  const titled: Titled = new Map();
  const operations = Object.entries(paths)
    .flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ operation }) => operation.operationId !== undefined)
    .sort((a, b) => a.operation.operationId.localeCompare(b.operation.operationId, 'en'));
  const types = operations.map(({ operation }) => {
    const input = [
      ...parametersOf(operation, 'path', titled),
      ...parametersOf(operation, 'query', titled),
      ...bodyOf(operation, titled),
    ];
    const given = input.length === 0 ? 'Record<never, never>' : `{ ${input.join(' ')} }`;
    return `/** ${operation.summary ?? ''} */ ${operation.operationId}: { input: ${given}; answer: ${answerOf(operation, titled) ?? 'Response'} };`;
  });
  const table = operations.map(({ path, method, operation }) => {
    const isJsonAnswer = answerOf(operation, titled) !== null;
    return `${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}', isJson: ${isJsonAnswer} },`;
  });
  const named = [...titled]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, type]) => `export type ${name} = ${type};`);
  return [
    HEADER,
    ...named,
    `export type Operations = { ${types.join('\n')} };`,
    `export const OPERATIONS = { ${table.join('\n')} } as const satisfies Record<keyof Operations, { method: string; path: string; isJson: boolean }>;`,
  ].join('\n\n');
};
