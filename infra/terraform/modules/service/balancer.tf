# The load balancer has private addresses only: CloudFront reaches it from inside the network. It keeps no access log:
# paths of invitations and resets hold what opens them. The application's own log has the requests, without those.

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:paths of invitations and resets hold what opens them; the application logs without those
  name               = var.name
  internal           = true
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_ids["balancer"]]

  # Less than gunicorn keeps a connection (75 s), so that a request never meets one that is just being closed.
  idle_timeout               = 60
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  preserve_host_header       = true
  enable_deletion_protection = var.protected
}

resource "aws_lb_target_group" "web" {
  name                          = "${var.name}-web"
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  port                          = var.web_port
  protocol                      = "HTTP"
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = 30

  # Ready: the database answers and every organization's schema is one that this release can serve.
  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
