import { InvalidArgumentError, Option } from 'commander';

export function slotOption(): Option {
  return new Option('--slot <slot>', 'what is live by default').choices(['blue', 'green']);
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 0 on.');
  return Number(text);
}
