/** Makes the serialiser of each route with its first answer: all of them together would hold the control thread up for a second. */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';

type Build = ReturnType<typeof SerializerSelector>;

export const buildSerialisers: Build = (schemas, options) => {
  const compile = SerializerSelector()(schemas, options);
  return (route) => {
    let serialise: ReturnType<typeof compile> | null = null;
    return (value) => (serialise ??= compile(route))(value);
  };
};
