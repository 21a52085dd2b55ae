import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useSortable } from '@dnd-kit/sortable';
import { ArrowDown, ArrowUp, ChevronDown, Ellipsis, FilePlus2, FolderInput, GripVertical, Pencil, Trash2 } from 'lucide-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { clock, duration } from '@/lib/time';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '@/ui/menu';
import { useBuilder } from './builder-context';
import { endOf, modulesOf, stepPlace, type DraftNode } from './model';

interface OutlineRowProps {
  node: DraftNode;
  folded: boolean;
  onFold: () => void;
  onAddLesson: () => void;
}

export function OutlineRow({ node, folded, onFold, onAddLesson }: OutlineRowProps) {
  const builder = useBuilder();
  const { mayEdit, lengths, nodes, changed } = builder;
  const { setNodeRef, setActivatorNodeRef, listeners, attributes, transform, transition, isDragging } = useSortable({
    id: node.item,
    disabled: !mayEdit || builder.renaming === node.item,
  });
  const isModule = node.kind === 'module';
  const isOpen = builder.selected === node.item;
  const lessons = isModule ? nodes.filter((each) => each.parent === node.item) : [];
  const length = (isModule ? lessons : [node]).reduce((sum, each) => sum + (each.asset_id ? (lengths.get(each.asset_id) ?? 0) : 0), 0);
  const style = { transform: transform ? `translate3d(0, ${Math.round(transform.y)}px, 0)` : undefined, transition };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'F2' || !mayEdit) return;
    event.preventDefault();
    builder.setRenaming(node.item);
  };
  if (builder.renaming === node.item) {
    return (
      <li ref={setNodeRef} style={style} className={cx('py-px', isModule ? 'ps-3' : 'ps-8')}>
        <RenameField node={node} />
      </li>
    );
  }
  const shown = (
    <>
      <bdi className="min-w-0 flex-1 truncate">{node.title}</bdi>
      {!isModule && changed.has(node.item) && builder.draft.course.version ? (
        <span className="size-1.5 flex-none rounded-full bg-signal-solid">
          <span className="sr-only">
            <Trans>Changed</Trans>
          </span>
        </span>
      ) : null}
      {length > 0 ? (
        <span className="flex-none t-xs text-text-3 tabular-nums">{isModule ? duration(length) : clock(length / 1000)}</span>
      ) : isModule ? null : (
        <span className="flex-none t-xs text-text-3">{node.asset_id ? t`Film` : node.is_empty ? t`Empty` : t`Text`}</span>
      )}
    </>
  );
  const text = cx(
    'flex h-full min-w-0 flex-1 items-center gap-2 rounded-2 text-start',
    isModule ? 'font-semibold' : isOpen ? 'font-medium text-text' : 'text-text-2 group-hover:text-text',
  );
  return (
    <li
      ref={setNodeRef}
      style={style}
      onKeyDown={onKeyDown}
      className={cx(
        'group relative flex h-9 items-center rounded-2 pe-1 pointer-coarse:h-11',
        isModule ? 'mt-2 ps-5 pointer-coarse:ps-1' : 'ps-10 pointer-coarse:ps-7',
        isOpen ? 'bg-surface shadow-e1 ring-1 ring-line' : 'hover:bg-hover',
        isDragging && 'z-10 bg-raised opacity-95 shadow-e2',
      )}
    >
      {mayEdit ? (
        <button
          type="button"
          ref={setActivatorNodeRef}
          {...attributes}
          {...listeners}
          aria-label={t`Move ${node.title}`}
          className={cx(
            'absolute start-0 grid h-7 w-5 cursor-grab touch-none place-items-center rounded-[6px] text-text-3 opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:hidden',
            isDragging && 'cursor-grabbing opacity-100',
          )}
        >
          <Icon as={GripVertical} />
        </button>
      ) : null}
      {isModule ? (
        <>
          <button
            type="button"
            aria-expanded={!folded}
            aria-label={folded ? t`Unfold ${node.title}` : t`Fold ${node.title}`}
            onClick={onFold}
            className="grid h-7 w-5 flex-none place-items-center rounded-[6px] text-text-2 hover:text-text pointer-coarse:w-6"
          >
            <Icon as={ChevronDown} size={14} className={cx('transition-transform duration-[90ms]', folded && '-rotate-90')} />
          </button>
          {mayEdit ? (
            <button type="button" className={text} onDoubleClick={() => builder.setRenaming(node.item)} onClick={onFold} aria-expanded={!folded}>
              {shown}
            </button>
          ) : (
            <span className={text}>{shown}</span>
          )}
        </>
      ) : (
        <button
          type="button"
          className={text}
          aria-current={isOpen ? 'page' : undefined}
          onClick={() => builder.open(node.item)}
          onDoubleClick={() => mayEdit && builder.setRenaming(node.item)}
        >
          {shown}
        </button>
      )}
      {mayEdit ? <RowMenu node={node} onAddLesson={onAddLesson} open={isOpen} /> : null}
    </li>
  );
}

function RowMenu({ node, onAddLesson, open }: { node: DraftNode; onAddLesson: () => void; open: boolean }) {
  const { nodes, move, setRenaming, remove } = useBuilder();
  const renames = useRef(false);
  const up = stepPlace(nodes, node.item, 'up');
  const down = stepPlace(nodes, node.item, 'down');
  const others = node.kind === 'lesson' ? modulesOf(nodes).filter((module) => module.node.item !== node.parent) : [];
  return (
    <span
      className={cx(
        'flex-none opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 has-data-[state=open]:opacity-100 pointer-coarse:opacity-100',
        !open && 'max-w-0 overflow-hidden group-focus-within:max-w-none group-hover:max-w-none has-data-[state=open]:max-w-none pointer-coarse:max-w-none',
      )}
    >
      <Menu
        trigger={<IconButton icon={Ellipsis} label={t`Actions for ${node.title}`} size="sm" />}
        onOpenChange={(isOpen) => {
          // After the menu has given the focus back, or the field would lose it at once.
          if (isOpen || !renames.current) return;
          renames.current = false;
          setTimeout(() => setRenaming(node.item), 0);
        }}
      >
        <MenuItem icon={Pencil} shortcut="F2" onSelect={() => (renames.current = true)}>
          <Trans>Rename</Trans>
        </MenuItem>
        {node.kind === 'module' ? (
          <MenuItem icon={FilePlus2} onSelect={onAddLesson}>
            <Trans>Add lesson</Trans>
          </MenuItem>
        ) : null}
        <MenuSeparator />
        <MenuItem icon={ArrowUp} disabled={!up} onSelect={() => up && move(node.item, up)}>
          <Trans>Move up</Trans>
        </MenuItem>
        <MenuItem icon={ArrowDown} disabled={!down} onSelect={() => down && move(node.item, down)}>
          <Trans>Move down</Trans>
        </MenuItem>
        {others.length > 0 ? (
          <>
            <MenuLabel>
              <Trans>Move to module</Trans>
            </MenuLabel>
            {others.map((module) => (
              <MenuItem key={module.node.item} icon={FolderInput} onSelect={() => move(node.item, endOf(module))}>
                <bdi>{module.node.title}</bdi>
              </MenuItem>
            ))}
          </>
        ) : null}
        <MenuSeparator />
        <MenuItem icon={Trash2} danger onSelect={() => remove(node)}>
          <Trans>Delete</Trans>
        </MenuItem>
      </Menu>
    </span>
  );
}

/** The title in place. Enter or leaving keeps it, Escape leaves the old one. */
function RenameField({ node }: { node: DraftNode }) {
  const { edit, setRenaming } = useBuilder();
  const [title, setTitle] = useState(node.title);
  const done = useRef(false);
  const finish = (keep: boolean) => {
    if (done.current) return;
    done.current = true;
    const words = title.trim();
    if (keep && words && words !== node.title) edit(node.item, { title: words });
    setRenaming(null);
  };
  return (
    <input
      autoFocus
      aria-label={node.kind === 'module' ? t`Title of the module` : t`Title of the lesson`}
      maxLength={200}
      value={title}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setTitle(event.currentTarget.value)}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') finish(true);
        if (event.key === 'Escape') finish(false);
      }}
      className="h-9 w-full rounded-2 border border-brand-focus bg-surface px-2 outline-2 -outline-offset-1 outline-brand-focus pointer-coarse:h-11"
    />
  );
}
