import { isMaestroError } from '@maestro/core';
import { expect, it } from 'vitest';

import { repositoryAt } from './open-repository.ts';

it.each([
  ['https://registry.example.com', { registry: 'https://registry.example.com', namespace: null }],
  [
    'https://registry.example.com:5000/team/shop/',
    { registry: 'https://registry.example.com:5000', namespace: 'team/shop' },
  ],
  ['http://127.0.0.1:5000/team', { registry: 'http://127.0.0.1:5000', namespace: 'team' }],
])('reads %s', (address, place) => {
  expect(repositoryAt(address)).toEqual(place);
});

it.each([
  'registry.example.com/team',
  'ftp://registry.example.com',
  'https://ada:canary@registry.example.com/team',
  'https://registry.example.com/team?token=canary',
  'https://registry.example.com/team#canary',
  '',
])('refuses %s, and does not repeat it', (address) => {
  let caught: unknown;
  try {
    repositoryAt(address);
  } catch (error) {
    caught = error;
  }
  expect(isMaestroError(caught, 'IMAGE_STORE_INVALID_REGISTRY')).toBe(true);
  expect(JSON.stringify(caught)).not.toContain('canary');
});
