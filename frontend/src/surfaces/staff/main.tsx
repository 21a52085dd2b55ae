import { createRootRoute, createRouter } from '@tanstack/react-router';
import { routerOptions } from '@/app/router-options';
import { start } from '@/app/start';
import { makeQueryClient } from '@/lib/query';
import { ConsoleClosed } from './console-closed';

// Every address of the staff host says the same for now: there is nothing behind it that a path could name.
const root = createRootRoute({ component: ConsoleClosed, notFoundComponent: ConsoleClosed });

start(createRouter({ routeTree: root, ...routerOptions }), makeQueryClient());
