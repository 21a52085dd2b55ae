import { t } from '@lingui/core/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '@/api/errors';
import { toast } from '@/ui/toast';
import { addNode, builderKeys, deleteNode, moveNode, readNode, restoreNode, savePatch, type Draft } from './api';
import { EMPTY_BODY, type LessonBody } from './body';
import { browserCopies } from './copies';
import { withMove, type DraftNode, type NodeKind, type Place } from './model';
import { overlaid, SaveQueue, type Patch, type SavedNode } from './save-queue';

const REFRESH_MS = 1_500;

const said = (error: unknown, otherwise: string) => (error instanceof ApiError ? error.detail : otherwise);

/** The queue of a course's builder: made with it, flushed when the page is left or the network is back. */
export function useSaveQueue(course: string, member: string, onAdopted: (item: string) => void): SaveQueue {
  const queries = useQueryClient();
  const adopted = useRef(onAdopted);
  adopted.current = onAdopted;
  const refresh = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [queue] = useState(() => {
    const put = (node: SavedNode, keepBody: boolean) => {
      queries.setQueryData<SavedNode>(builderKeys.node(course, node.item), (known) =>
        known && keepBody ? { ...node, body: known.body } : known ? node : undefined,
      );
      queries.setQueryData<Draft>(builderKeys.draft(course), (draft) => draft && { ...draft, nodes: draft.nodes.map((each) => (each.item === node.item ? brief(each, node) : each)) });
    };
    return new SaveQueue({
      save: (item, patch, revision) => savePatch(course, item, patch, revision),
      copies: browserCopies(member, course),
      onSaved: (node) => {
        put(node, true);
        clearTimeout(refresh.current);
        refresh.current = setTimeout(() => {
          void queries.invalidateQueries({ queryKey: builderKeys.draft(course) });
          void queries.invalidateQueries({ queryKey: builderKeys.preview(course) });
        }, REFRESH_MS);
      },
      onAdopted: (node) => {
        put(node, false);
        adopted.current(node.item);
      },
    });
  });
  useEffect(() => {
    queue.recover();
    const flush = () => queue.flush();
    const hidden = () => document.visibilityState === 'hidden' && queue.flush();
    window.addEventListener('online', flush);
    document.addEventListener('visibilitychange', hidden);
    return () => {
      window.removeEventListener('online', flush);
      document.removeEventListener('visibilitychange', hidden);
      // Leaving for another page of the studio: what waits is sent, not dropped.
      queue.flush();
    };
  }, [queue]);
  return queue;
}

function brief(known: DraftNode, node: SavedNode): DraftNode {
  const { item, parent, kind, title, config, revision, asset_id, is_empty } = node;
  return { ...known, item, parent, kind, title, config, revision, asset_id, is_empty };
}

/** Everything one does to the outline. What can be shown before the server answers is; a refusal takes it back. */
export function useOutlineActs(course: string, queue: SaveQueue) {
  const queries = useQueryClient();
  const key = builderKeys.draft(course);
  const nodes = (change: (nodes: DraftNode[]) => DraftNode[]) =>
    queries.setQueryData<Draft>(key, (draft) => draft && { ...draft, nodes: change(draft.nodes) });
  const settle = () => {
    void queries.invalidateQueries({ queryKey: key });
    void queries.invalidateQueries({ queryKey: builderKeys.preview(course) });
  };
  // One scope: moves reach the server in the order in which they were made.
  const scope = { id: `outline ${course}` };
  const moving = useMutation({
    scope,
    mutationFn: ({ item, place }: { item: string; place: Place }) => moveNode(course, item, place),
    onError: (error) => toast(said(error, t`It was not moved. Try again.`)),
    onSettled: () => queries.isMutating({ mutationKey: ['outline', course] }) <= 1 && settle(),
    mutationKey: ['outline', course],
  });
  const adding = useMutation({
    scope,
    mutationFn: ({ kind, title, place }: { kind: NodeKind; title: string; place: Place }) => addNode(course, kind, title, place),
    onSuccess: (node, { place }) => {
      nodes((known) => withMove([...known, node], node.item, place));
      settle();
    },
    onError: (error) => toast(said(error, t`It was not added. Try again.`)),
  });
  const restoring = useMutation({
    scope,
    mutationFn: (item: string) => restoreNode(course, item),
    onError: (error) => toast(said(error, t`It could not be brought back. Try again.`)),
    onSettled: settle,
  });
  const removing = useMutation({
    scope,
    mutationFn: (node: DraftNode) => deleteNode(course, node.item),
    onSuccess: (_, node) => {
      toast(t`“${node.title}” deleted`, { duration: 10_000, action: { label: t`Undo`, onPress: () => restoring.mutate(node.item) } });
    },
    onError: (error) => toast(said(error, t`It was not deleted. Try again.`)),
    onSettled: settle,
  });
  return {
    move: (item: string, place: Place) => {
      void queries.cancelQueries({ queryKey: key });
      nodes((known) => withMove(known, item, place));
      moving.mutate({ item, place });
    },
    add: (kind: NodeKind, place: Place, title: string) =>
      adding.mutateAsync({ kind, place, title }).then(
        (node) => node.item,
        () => null,
      ),
    remove: (node: DraftNode) => {
      void queries.cancelQueries({ queryKey: key });
      nodes((known) => known.filter((each) => each.item !== node.item && each.parent !== node.item));
      queue.flush();
      removing.mutate(node);
    },
    editBody: async (item: string, change: (body: LessonBody) => LessonBody) => {
      const nodeKey = builderKeys.node(course, item);
      const node =
        queries.getQueryData<SavedNode>(nodeKey) ?? overlaid(await readNode(course, item), queue.pending(item));
      const body = change(node.body ?? EMPTY_BODY);
      queries.setQueryData<SavedNode>(nodeKey, (known) => known && { ...known, body });
      queue.edit(item, { body }, node.revision);
    },
    edit: (node: DraftNode, patch: Patch) => {
      queries.setQueryData<SavedNode>(builderKeys.node(course, node.item), (known) => known && overlaid(known, patch));
      queue.edit(node.item, patch, node.revision);
    },
  };
}
