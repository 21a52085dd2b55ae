# Mail leaves from the organizations' subdomains; one identity of the suffix stands for them all.

resource "aws_ses_domain_identity" "this" {
  domain = local.mail_domain
}

resource "aws_ses_domain_dkim" "this" {
  domain = aws_ses_domain_identity.this.domain
}

resource "aws_ses_domain_mail_from" "this" {
  domain                 = aws_ses_domain_identity.this.domain
  mail_from_domain       = "bounce.${local.mail_domain}"
  behavior_on_mx_failure = "RejectMessage"
}

resource "aws_route53_record" "mail_proof" {
  zone_id = local.zone_of["origin"]
  name    = "_amazonses.${local.mail_domain}"
  type    = "TXT"
  ttl     = 300
  records = [aws_ses_domain_identity.this.verification_token]
}

resource "aws_route53_record" "dkim" {
  count = 3

  zone_id = local.zone_of["origin"]
  name    = "${aws_ses_domain_dkim.this.dkim_tokens[count.index]}._domainkey.${local.mail_domain}"
  type    = "CNAME"
  ttl     = 300
  records = ["${aws_ses_domain_dkim.this.dkim_tokens[count.index]}.dkim.amazonses.com"]
}

resource "aws_route53_record" "bounces" {
  zone_id = local.zone_of["origin"]
  name    = aws_ses_domain_mail_from.this.mail_from_domain
  type    = "MX"
  ttl     = 300
  records = ["10 feedback-smtp.${var.region}.amazonses.com"]
}

resource "aws_route53_record" "senders" {
  zone_id = local.zone_of["origin"]
  name    = aws_ses_domain_mail_from.this.mail_from_domain
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 include:amazonses.com -all"]
}

resource "aws_route53_record" "pretenders" {
  zone_id = local.zone_of["origin"]
  name    = "_dmarc.${local.mail_domain}"
  type    = "TXT"
  ttl     = 300
  records = ["v=DMARC1; p=reject; sp=reject; adkim=r; aspf=r; rua=mailto:${var.mail_reports}"]
}

# Who may hand mail in over SMTP. The access key is made by infra/terraform/bootstrap/secrets.py: Terraform never knows it.
resource "aws_iam_user" "smtp" {
  #checkov:skip=CKV_AWS_273:mail is handed in over SMTP, which knows no roles
  name = "${replace(local.mail_domain, ".", "-")}-smtp"
}

resource "aws_iam_user_policy" "smtp" {
  #checkov:skip=CKV_AWS_40:the one user there is: SMTP knows no roles
  name = "send"
  user = aws_iam_user.smtp.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "ses:SendRawEmail"
      Resource  = aws_ses_domain_identity.this.arn
      Condition = { StringLike = { "ses:FromAddress" = ["*@${local.mail_domain}", "*@*.${local.mail_domain}"] } }
    }]
  })
}
