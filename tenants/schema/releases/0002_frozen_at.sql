-- release: 2
-- from-template: 1b1cc5756a59ac50c016d3569b7d81a0be2f4bd8017e3dfd38b0223dac7b5aa9
-- to-template: 644bff0698a45168f06e4edacb30432d94aadbfd5468e034ee799a647bcadd60
-- migrations: none
-- min-code: 1
--
-- Since when an organization's writes wait: it is being moved. The stamp is no model's table, so no migration adds it.
-- The code of release 1 reads organization_id alone and goes on as before.
ALTER TABLE tenant_template_schema._tenant ADD COLUMN frozen_at timestamp with time zone;
