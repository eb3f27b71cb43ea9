/** There is nothing to judge, and why. */
export class Nothing {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** The same look with more to it, unless there was nothing to see. */
export async function looked<Facts, More>(
  look: Promise<Facts | Nothing>,
  more: (facts: Facts) => Promise<More | Nothing> | More | Nothing,
): Promise<More | Nothing> {
  const facts = await look;
  return facts instanceof Nothing ? facts : await more(facts);
}
