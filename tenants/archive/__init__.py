"""An organization taken along, put back, or ended: its archive, the restore of one, and the deletion with its proof."""
