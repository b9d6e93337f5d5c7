/** The part of the global that the FIR kernel uses; Node's own types leave it to those of the browser. */
declare namespace WebAssembly {
  type Module = object;
  type Memory = { readonly buffer: ArrayBuffer };
  type Instance = { readonly exports: Record<string, unknown> };
  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  const Instance: new (module: Module) => Instance;
}
