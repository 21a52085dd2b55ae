import '@/theme/own-surfaces.css';
import { start } from '@/app/start';
import { SessionDialog } from '@/features/auth/session-dialog';
import { TaskTray } from '@/features/media-upload/task-tray';
import { makeQueryClient } from '@/lib/query';
import { router } from './routes';

// The tray stands beside the router: an upload goes on wherever one goes in the studio.
start(
  router,
  makeQueryClient(),
  <>
    <SessionDialog />
    <TaskTray />
  </>,
);
