"""What tests share: the stack they run on, the organizations in it and their people."""
