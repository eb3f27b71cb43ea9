/** An object in an engine's answer, of which nothing is known yet. */
export type Answered = Readonly<Record<string, unknown>>;

/** An answer that is no JSON object is an empty one: each field is looked at where it is needed. */
export function parsed(body: Buffer): Answered {
  try {
    return objectOf(JSON.parse(body.toString('utf8')));
  } catch {
    return {};
  }
}

export function objectOf(value: unknown): Answered {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Answered) : {};
}

export function objectsIn(value: unknown): readonly Answered[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function textOf(answer: Answered, field: string): string {
  const value = answer[field];
  return typeof value === 'string' ? value : '';
}

export function textsOf(answer: Answered, field: string): readonly string[] {
  const value = answer[field];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
