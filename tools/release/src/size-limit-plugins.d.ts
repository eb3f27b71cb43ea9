// The plugins declare no types, and size-limit takes them for functions.
declare module '@size-limit/esbuild' {
  const plugin: () => unknown;
  export { plugin as default };
}

declare module '@size-limit/file' {
  const plugin: () => unknown;
  export { plugin as default };
}
