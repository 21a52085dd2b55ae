# Nothing is made here: the tests run the environments and modules beside it.
terraform {
  required_version = ">= 1.11, < 2.0"
}
