// Package smtpprobe says to a mail server what a sender says before TLS
// begins, and compares the certificates that it shows with its TLSA records.
// It opens no connection, sends no mail and names no mailbox.
//
// What a server answers is bounded in length here; the connection's deadline
// bounds it in time.
package smtpprobe
