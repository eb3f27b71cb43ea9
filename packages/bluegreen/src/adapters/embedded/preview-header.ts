/** Carries `<key> <slot>`: the proxy sends such a request to that slot, live or not, and passes it on without the header. */
export const previewHeader = 'x-maestro-preview';
