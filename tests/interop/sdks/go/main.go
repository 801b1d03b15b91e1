// Command ask is the AWS SDK for Go v2 as one of the clients of tests/interop/sdks.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

func main() {
	ctx := context.Background()
	// Else they are said to end five minutes earlier.
	keepToTheEnd := func(options *aws.CredentialsCacheOptions) { options.ExpiryWindow = 0 }
	cfg, err := config.LoadDefaultConfig(ctx, config.WithCredentialsCacheOptions(keepToTheEnd))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		credentials, err := cfg.Credentials.Retrieve(ctx)
		if err != nil {
			fmt.Printf("error %v\n", err)
			continue
		}
		if !credentials.CanExpire {
			fmt.Printf("%s -\n", credentials.AccessKeyID)
			continue
		}
		fmt.Printf("%s %d\n", credentials.AccessKeyID, credentials.Expires.Unix())
	}
}
