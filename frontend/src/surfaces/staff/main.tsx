import '@/theme/own-surfaces.css';
import { start } from '@/app/start';
import { ProofDialog } from '@/features/staff-auth/proof-dialog';
import { StaffSessionDialog } from '@/features/staff-auth/session-dialog';
import { makeQueryClient } from '@/lib/query';
import { router } from './routes';

start(
  router,
  makeQueryClient(),
  <>
    <StaffSessionDialog />
    <ProofDialog />
  </>,
);
