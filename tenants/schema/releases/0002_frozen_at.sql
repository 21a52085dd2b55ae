-- release: 2
-- from-template: 1b1cc5756a59ac50c016d3569b7d81a0be2f4bd8017e3dfd38b0223dac7b5aa9
-- to-template: 051692786aad649c57146dc461f1060eb029985de8c7c34236f4bff05ed60d3e
-- migrations: none
-- min-code: 1
--
-- Since when an organization's writes wait: it is being moved. The stamp is no model's table, so no migration adds it.
-- The code of release 1 reads organization_id alone and goes on as before.
ALTER TABLE tenant_template_schema._tenant ADD COLUMN frozen_at timestamp with time zone;
