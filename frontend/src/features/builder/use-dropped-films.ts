import { t } from '@lingui/core/macro';
import { type DragEvent, useState } from 'react';
import { toast } from '@/ui/toast';
import { withVideo } from './body';
import { useBuilder } from './builder-context';
import { endOf, modulesOf } from './model';

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

/** "iv-curve_part_1.mov" names a lesson "iv curve part 1". */
export function titleFromFile(name: string): string {
  const words = name
    .replace(/\.[^.]{1,5}$/, '')
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
  return words ? words.charAt(0).toLocaleUpperCase() + words.slice(1) : name.slice(0, 200);
}

/** Files dropped on the outline become a lesson each, in the module that is open or the last one. */
export function useDroppedFilms() {
  const builder = useBuilder();
  const [over, setOver] = useState(false);
  const take = async (files: readonly File[]) => {
    const films = files.filter((file) => /^(video|audio)\//.test(file.type) || /\.(mkv|mov|avi|ts)$/i.test(file.name));
    if (films.length === 0) return void (files.length > 0 && toast(t`These are not videos.`));
    const modules = modulesOf(builder.nodes);
    const selected = builder.nodes.find((node) => node.item === builder.selected);
    const home = modules.find(({ node }) => node.item === selected?.parent) ?? modules.at(-1);
    const parent = home?.node.item ?? (await builder.add('module', { parent: null, after: null }, t`First module`));
    if (!parent) return undefined;
    let after = home ? endOf(home).after : null;
    for (const file of films) {
      // One after the other: each lesson stands behind the one before it.
      // oxlint-disable-next-line no-await-in-loop
      const lesson = await builder.add('lesson', { parent, after }, titleFromFile(file.name));
      if (!lesson) return undefined;
      after = lesson;
      // Not waited for: files take turns in the uploader, and each lesson gets its film when the server names it.
      void builder.outside
        .onUpload(file)
        .then((asset) => builder.editBody(lesson, (body) => withVideo(body, asset)))
        .catch((error: unknown) => toast(error instanceof Error ? error.message : t`The upload did not start.`));
    }
    return undefined;
  };
  const handlers = builder.mayEdit
    ? {
        onDragOver: (event: DragEvent) => {
          if (!hasFiles(event)) return;
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: (event: DragEvent) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
        },
        onDrop: (event: DragEvent) => {
          if (!hasFiles(event)) return;
          event.preventDefault();
          setOver(false);
          void take([...event.dataTransfer.files]);
        },
      }
    : {};
  return { over, take, handlers };
}
