/** Translates positions in UTF-8, as PostgreSQL counts, into positions in a JavaScript text. */
export interface Offsets {
  readonly ofByte: (byte: number) => number;
  readonly ofCharacter: (character: number) => number;
}

export function offsetsIn(text: string): Offsets {
  if (Buffer.byteLength(text) === text.length) return { ofByte: (byte) => byte, ofCharacter: (character) => character };
  const bytes: number[] = [];
  const characters: number[] = [];
  let position = 0;
  for (const character of text) {
    characters.push(position);
    for (let byte = Buffer.byteLength(character); byte > 0; byte -= 1) bytes.push(position);
    position += character.length;
  }
  return {
    ofByte: (byte) => bytes[byte] ?? text.length,
    ofCharacter: (character) => characters[character] ?? text.length,
  };
}
