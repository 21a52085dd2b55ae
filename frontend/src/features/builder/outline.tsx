import { plural, t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from '@dnd-kit/sortable';
import { FilePlus2, FolderPlus, Plus, Settings2, Upload } from 'lucide-react';
import { useMemo, useState } from 'react';
import { duration } from '@/lib/time';
import { Button } from '@/ui/button';
import { cx } from '@/ui/cx';
import { Icon } from '@/ui/icon';
import { IconButton } from '@/ui/icon-button';
import { Menu, MenuItem } from '@/ui/menu';
import { useBuilder } from './builder-context';
import { dropPlace, endOf, modulesOf, rowsOf } from './model';
import { OutlineRow } from './outline-row';
import { useDroppedFilms } from './use-dropped-films';

const NO_FOLDED: ReadonlySet<string> = new Set();

/** The whole course in reading order. Rows are moved by hand, by keyboard at their grip, or by their menu. */
export function Outline({ className, courseOpen, onCourse }: { className: string; courseOpen: boolean; onCourse: () => void }) {
  const builder = useBuilder();
  const { nodes, mayEdit, lengths, move } = builder;
  const [folded, setFolded] = useState<ReadonlySet<string>>(NO_FOLDED);
  const [dragged, setDragged] = useState<string | null>(null);
  const modules = useMemo(() => modulesOf(nodes), [nodes]);
  // While a module is carried, modules are all there is to see: its lessons go with it.
  const carriesModule = modules.some(({ node }) => node.item === dragged);
  const rows = useMemo(
    () => (carriesModule ? nodes.filter((node) => node.kind === 'module') : rowsOf(nodes, folded)),
    [carriesModule, folded, nodes],
  );
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const dropped = useDroppedFilms();
  const lessons = nodes.filter((node) => node.kind === 'lesson');
  const total = lessons.reduce((sum, node) => sum + (node.asset_id ? (lengths.get(node.asset_id) ?? 0) : 0), 0);
  const titleOf = (id: unknown) => nodes.find((node) => node.item === id)?.title ?? '';

  const add = async (kind: 'module' | 'lesson', moduleId?: string) => {
    if (kind === 'module') {
      const made = await builder.add('module', { parent: null, after: modules.at(-1)?.node.item ?? null }, t`New module`);
      if (made) builder.setRenaming(made);
      return;
    }
    const selected = nodes.find((node) => node.item === builder.selected);
    let home = modules.find(({ node }) => node.item === (moduleId ?? selected?.parent)) ?? modules.at(-1);
    if (!home) {
      // A lesson stands in a module; the first one brings its module along.
      const made = await builder.add('module', { parent: null, after: null }, t`First module`);
      if (!made) return;
      home = { node: { item: made } as (typeof nodes)[number], lessons: [] };
    }
    const place = selected && selected.parent === home.node.item && !moduleId ? { parent: home.node.item, after: selected.item } : endOf(home);
    setFolded((known) => new Set([...known].filter((item) => item !== place.parent)));
    const made = await builder.add('lesson', place, t`New lesson`);
    if (!made) return;
    builder.setRenaming(made);
    // A phone stays in the outline, where the name is being typed.
    if (window.matchMedia('(width >= 768px)').matches) builder.open(made);
  };

  const onDragEnd = ({ active, over }: DragEndEvent) => {
    setDragged(null);
    if (!over) return;
    const place = dropPlace(nodes, rows, String(active.id), String(over.id));
    if (place) move(String(active.id), place);
  };

  return (
    <aside
      aria-label={t`Outline`}
      className={cx('flex min-h-0 flex-col border-e border-line bg-sunken', dropped.over && 'ring-2 ring-signal-solid ring-inset', className)}
      {...dropped.handlers}
    >
      <div className="flex flex-none items-center gap-2 ps-[18px] pe-2.5 pt-3 pb-1">
        <h2 className="font-sans text-[1em] leading-5 font-semibold">
          <Trans>Outline</Trans>
        </h2>
        <p className="min-w-0 truncate t-xs text-text-3">
          {[
            modules.length > 0 ? plural(modules.length, { one: '# module', other: '# modules' }) : '',
            lessons.length > 0 ? plural(lessons.length, { one: '# lesson', other: '# lessons' }) : '',
            total > 0 ? duration(total) : '',
          ]
            .filter(Boolean)
            .join(', ')}
        </p>
        {mayEdit ? (
          <span className="ms-auto flex-none">
            <Menu trigger={<IconButton icon={Plus} label={t`Add to the outline`} size="sm" />}>
              <MenuItem icon={FilePlus2} onSelect={() => void add('lesson')}>
                <Trans>Lesson</Trans>
              </MenuItem>
              <MenuItem icon={FolderPlus} onSelect={() => void add('module')}>
                <Trans>Module</Trans>
              </MenuItem>
            </Menu>
          </span>
        ) : null}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <button
          type="button"
          aria-current={courseOpen ? 'page' : undefined}
          onClick={onCourse}
          className="mb-1 flex h-9 w-full items-center gap-2.5 rounded-2 px-2.5 text-start text-text-2 hover:bg-hover hover:text-text aria-[current=page]:font-medium aria-[current=page]:text-text md:aria-[current=page]:bg-surface md:aria-[current=page]:shadow-e1 md:aria-[current=page]:ring-1 md:aria-[current=page]:ring-line pointer-coarse:h-11"
        >
          <Icon as={Settings2} />
          <Trans>Course settings and people</Trans>
        </button>
        {modules.length === 0 ? (
          <Blank mayEdit={mayEdit} onModule={() => void add('module')} />
        ) : (
          <DndContext
            sensors={sensors}
            collisionDetection={closestCenter}
            onDragStart={({ active }) => setDragged(String(active.id))}
            onDragEnd={onDragEnd}
            onDragCancel={() => setDragged(null)}
            accessibility={{
              screenReaderInstructions: {
                draggable: t`Press Space or Enter to lift it, the arrow keys to move it, Space or Enter to put it down, Escape to leave it where it was.`,
              },
              announcements: {
                onDragStart: ({ active }) => t`Lifted ${titleOf(active.id)}.`,
                onDragOver: ({ active, over }) => (over ? t`${titleOf(active.id)} is over ${titleOf(over.id)}.` : undefined),
                onDragEnd: ({ active, over }) => (over ? t`Put ${titleOf(active.id)} down at ${titleOf(over.id)}.` : t`${titleOf(active.id)} stays.`),
                onDragCancel: ({ active }) => t`${titleOf(active.id)} stays where it was.`,
              },
            }}
          >
            <SortableContext items={rows.map((row) => row.item)} strategy={verticalListSortingStrategy}>
              <ul>
                {rows.map((node) => (
                  <OutlineRow
                    key={node.item}
                    node={node}
                    folded={folded.has(node.item)}
                    onFold={() =>
                      setFolded((known) => {
                        const next = new Set(known);
                        if (!next.delete(node.item)) next.add(node.item);
                        return next;
                      })
                    }
                    onAddLesson={() => void add('lesson', node.item)}
                  />
                ))}
              </ul>
            </SortableContext>
          </DndContext>
        )}
        {mayEdit && modules.length > 0 ? (
          <Button variant="ghost" size="sm" className="mt-2 ms-1" icon={<Icon as={Plus} />} onClick={() => void add('module')}>
            <Trans>Add module</Trans>
          </Button>
        ) : null}
      </div>
      {mayEdit ? (
        <label className="m-2 flex min-h-12 flex-none cursor-pointer items-center justify-center gap-2 rounded-2 border border-dashed border-control px-3 text-text-2 focus-within:outline-2 focus-within:outline-brand-focus hover:bg-hover">
          <Icon as={Upload} />
          <Trans>Drop videos here to make lessons</Trans>
          <input
            type="file"
            multiple
            accept="video/*,audio/*,.mkv,.mov,.avi,.ts"
            className="sr-only"
            onChange={(event) => {
              const files = [...(event.currentTarget.files ?? [])];
              event.currentTarget.value = '';
              void dropped.take(files);
            }}
          />
        </label>
      ) : null}
    </aside>
  );
}

function Blank({ mayEdit, onModule }: { mayEdit: boolean; onModule: () => void }) {
  return (
    <div className="px-2.5 py-6">
      <p className="font-medium">
        <Trans>Nothing in it yet</Trans>
      </p>
      <p className="mt-1 text-text-2">
        <Trans>A course is modules; a module is lessons. Begin with the first module, or drop your videos below.</Trans>
      </p>
      {mayEdit ? (
        <Button className="mt-4" icon={<Icon as={Plus} />} onClick={onModule}>
          <Trans>Add module</Trans>
        </Button>
      ) : null}
    </div>
  );
}
