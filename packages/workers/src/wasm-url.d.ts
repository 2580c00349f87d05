/** Vite turns the import of an asset with `?url` into its address. */
declare module '*.wasm?url' {
  const url: string;
  export default url;
}
