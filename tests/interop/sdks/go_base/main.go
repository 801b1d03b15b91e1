// Command ask is HashiCorp's aws-sdk-go-base, by which Terraform's provider finds credentials, as one of
// the clients of tests/interop/sdks.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
)

func main() {
	ctx := context.Background()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		// As the provider configures it for each run.
		_, cfg, diagnostics := awsbase.GetAwsConfig(ctx, &awsbase.Config{
			CallerName:              "Terraform",
			Profile:                 os.Getenv("AWS_PROFILE"),
			Region:                  "us-east-1",
			SkipCredsValidation:     true,
			SkipRequestingAccountId: true,
		})
		if diagnostics.HasError() {
			fmt.Printf("error %v\n", diagnostics[0].Summary())
			continue
		}
		credentials, err := cfg.Credentials.Retrieve(ctx)
		if err != nil {
			fmt.Printf("error %v\n", err)
			continue
		}
		// It says that they end five minutes earlier.
		fmt.Printf("%s -\n", credentials.AccessKeyID)
	}
}
