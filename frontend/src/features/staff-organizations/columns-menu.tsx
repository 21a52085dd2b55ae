import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { Columns3 } from 'lucide-react';
import { Button } from '@/ui/button';
import { Checkbox } from '@/ui/checkbox';
import { Icon } from '@/ui/icon';
import { Popover } from '@/ui/popover';
import { COLUMNS, type ColumnName } from './columns';
import { columnsParam } from './search';
import { columnWord } from './column-words';

/** Which columns stand beside the name. */
export function ColumnsMenu({ columns, onChange }: { columns: readonly ColumnName[]; onChange: (param: string | undefined) => void }) {
  return (
    <Popover
      label={t`Columns`}
      align="end"
      width={220}
      trigger={
        <Button icon={<Icon as={Columns3} size={14} />}>
          <Trans>Columns</Trans>
        </Button>
      }
    >
      <div className="grid gap-2.5 pointer-coarse:gap-5">
        {COLUMNS.map((column) => (
          <Checkbox
            key={column}
            checked={columns.includes(column)}
            onChange={(on) => onChange(columnsParam(on ? [...columns, column] : columns.filter((one) => one !== column)))}
            label={columnWord(column)}
          />
        ))}
      </div>
    </Popover>
  );
}
