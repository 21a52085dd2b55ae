import { t } from '@lingui/core/macro';
import type { ColumnName } from './columns';

export function columnWord(column: ColumnName): string {
  switch (column) {
    case 'host':
      return t`Host`;
    case 'state':
      return t`State`;
    case 'plan':
      return t`Plan`;
    case 'health':
      return t`Health`;
    case 'release':
      return t`Schema`;
    case 'members':
      return t`Members`;
    case 'storage':
      return t`Stored`;
    case 'queue':
      return t`Queue lag`;
    case 'seen':
      return t`Last seen`;
    case 'created':
      return t`Since`;
  }
}
