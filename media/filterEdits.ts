import type { Filter } from '../src/panelApi/protocol.ts';

export const noFilter: Filter = { terms: [], types: { names: [], shown: false }, hiddenKinds: [] };
